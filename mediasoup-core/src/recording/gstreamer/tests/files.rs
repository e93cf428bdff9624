//! Logs made into files, looked at by another program.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use super::media::{AudioSource, VideoSource, codec};
use crate::{
    ids::{ParticipantId, ProducerId, RecordingId},
    media::rtp::MediaKind,
    recording::{
        RecorderFiles,
        compose::OrderedPacket,
        gstreamer::record,
        log::{LogHeader, LogWriter, LoggedPacket, Record},
        options::{AudioCodec, Format, RecordingOptions, VideoCodec},
        roster::{RosterEvent, Track},
        settings::Settings,
    },
};

/// A log of somebody with a camera and a microphone: a flash and a beep at the start of each second.
pub(super) struct Scene {
    pub(super) settings: Settings,
    pub(super) seconds: u64,
    pub(super) video: &'static str,
    /// Cameras.
    pub(super) people: u64,
    pub(super) size: (u32, u32),
    /// From so many seconds on.
    pub(super) other_size: Option<(u64, (u32, u32))>,
}

const FPS: u64 = 15;

impl Scene {
    pub(super) fn new(seconds: u64) -> Self {
        let mut settings = Settings::default();
        settings.video.resolution = "320x180".parse().unwrap();
        settings.video.framerate = 30;
        let (video, size) = ("video/VP8", (160, 90));
        Self { settings, seconds, video, people: 1, size, other_size: None }
    }

    pub(super) fn log(&self) -> Vec<u8> {
        let mut log = LogWriter::new(Vec::new());
        log.push(&Record::Header(Box::new(LogHeader {
            id: RecordingId::from_u128(1),
            room_id: "room".parse().unwrap(),
            filename: "room".to_owned(),
            started_at: 0,
            options: RecordingOptions::default(),
            settings: self.settings,
        })));
        for person in 0..self.people {
            self.add_person(person, &mut log);
        }
        let video = self.video_packets();
        let audio = self.audio_packets();
        let mut packets: Vec<(Duration, u32, &OrderedPacket)> = Vec::new();
        for person in 0..self.people as u32 {
            packets.extend(video.iter().map(|packet| (packet.at, person * 2, packet)));
            packets.extend(audio.iter().map(|packet| (packet.at, person * 2 + 1, packet)));
        }
        packets.sort_by_key(|(at, track, _)| (*at, *track));
        let mut ticks = 0;
        for (at, track, packet) in packets {
            while Duration::from_millis(ticks * 200) < at {
                log.push(&Record::Tick { at: Duration::from_millis(ticks * 200) });
                ticks += 1;
            }
            log.push(&Record::Packet(logged(track, packet)));
        }
        log.push(&Record::End { at: Duration::from_secs(self.seconds) });
        log.flush().unwrap();
        log.get_ref().clone()
    }

    fn add_person(&self, person: u64, log: &mut LogWriter<Vec<u8>>) {
        let participant: ParticipantId = format!("p{person}").parse().unwrap();
        let at = Duration::ZERO;
        let joined =
            RosterEvent::Joined { participant_id: participant.clone(), name: format!("Ada {person}") };
        log.push(&Record::Roster { at, event: joined });
        for (index, (kind, mime_type)) in
            [(MediaKind::Video, self.video), (MediaKind::Audio, "audio/opus")].into_iter().enumerate()
        {
            let event = RosterEvent::TrackAdded(Track {
                producer_id: ProducerId::from_u128(u128::from(person) * 2 + index as u128 + 1),
                participant_id: participant.clone(),
                kind,
                codec: codec(mime_type),
                is_screen: false,
                paused: false,
            });
            log.push(&Record::Roster { at, event });
        }
    }

    fn video_packets(&self) -> Vec<OrderedPacket> {
        let mut source = VideoSource::new(self.video, self.size, FPS, 30);
        let mut packets: Vec<OrderedPacket> = Vec::new();
        for frame in 0..self.seconds * FPS {
            if let Some((_, size)) = self.other_size.filter(|(second, _)| frame == second * FPS) {
                source = VideoSource::new(self.video, size, FPS, 30);
            }
            let at = Duration::from_secs(1) * frame as u32 / FPS as u32;
            for mut packet in source.send(if frame % FPS == 0 { 230 } else { 60 }) {
                packet.at = at;
                packet.timestamp = (frame * 90_000 / FPS) as u32;
                packet.sequence = packets.len() as u64;
                packets.push(packet);
            }
        }
        packets
    }

    fn audio_packets(&self) -> Vec<OrderedPacket> {
        let mut source = AudioSource::new();
        let packets = (0..self.seconds * 50).map(|packet| {
            let mut sent = source.send(if packet % 50 < 5 { 12_000 } else { 0 });
            sent.at = Duration::from_millis(packet * 20);
            sent.timestamp = packet as u32 * 960;
            sent
        });
        packets.collect()
    }
}

fn logged(track: u32, packet: &OrderedPacket) -> LoggedPacket {
    let OrderedPacket { at, sequence, timestamp, marker, is_key_frame, payload } = packet.clone();
    LoggedPacket {
        at,
        track,
        encoding: 0,
        sequence,
        timestamp,
        marker,
        is_key_frame,
        rotation: None,
        payload,
    }
}

pub(super) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Decodes it without an error; gives how long it is.
pub(super) fn checked(path: &Path) -> f64 {
    output(Command::new("ffmpeg").args(["-v", "error", "-xerror", "-i"]).arg(path).args(["-f", "null", "-"]));
    let probe = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"];
    output(Command::new("ffprobe").args(probe).arg(path)).trim().parse().unwrap_or(f64::NAN)
}

/// When it gets bright, in seconds.
pub(super) fn flashes(path: &Path) -> Vec<f64> {
    let filter = "scale=16:16,format=gray,showinfo";
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostats", "-copyts", "-i"]).arg(path);
    let told = command.args(["-vf", filter, "-fps_mode", "passthrough", "-f", "null", "-"]).output().unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    let mut bright = false;
    let mut flashes = Vec::new();
    for line in told.lines().filter(|line| line.contains("pts_time:")) {
        let field = |name: &str| line.split_once(name).unwrap().1.trim_start();
        let at: f64 = field("pts_time:").split_whitespace().next().unwrap().parse().unwrap();
        let mean: f64 = field("mean:[").split([']', ' ']).next().unwrap().parse().unwrap();
        if mean > 120.0 && !bright {
            flashes.push(at);
        }
        bright = mean > 120.0;
    }
    flashes
}

/// When it gets loud, in seconds.
pub(super) fn beeps(path: &Path) -> Vec<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path).args(["-map", "a:0", "-ac", "1", "-ar", "48000"]);
    let samples = command.args(["-f", "s16le", "-"]).output().unwrap().stdout;
    let mut beeps: Vec<f64> = Vec::new();
    let mut quiet_since = 0;
    for (index, sample) in samples.chunks_exact(2).enumerate() {
        if i16::from_le_bytes([sample[0], sample[1]]).unsigned_abs() > 3000 {
            if index - quiet_since > 12_000 || beeps.is_empty() {
                beeps.push(index as f64 / 48_000.0);
            }
            quiet_since = index;
        }
    }
    beeps
}

pub(super) fn made(scene: &Scene) -> (TempDir, RecorderFiles) {
    let directory = TempDir::new().unwrap();
    let mut positions = Vec::new();
    let files = record(&scene.log()[..], directory.path(), &mut |at| positions.push(at)).unwrap();
    assert!(positions.is_sorted() && positions.len() as u64 >= scene.seconds);
    (directory, files)
}

fn combined(directory: &TempDir, files: &RecorderFiles) -> PathBuf {
    directory.path().join(files.combined.as_ref().unwrap())
}

#[track_caller]
fn assert_in_sync(path: &Path, seconds: u64) {
    let (flashes, beeps) = (flashes(path), beeps(path));
    assert_eq!((flashes.len(), beeps.len()), (seconds as usize, seconds as usize), "{flashes:?} {beeps:?}");
    for (second, (flash, beep)) in flashes.iter().zip(&beeps).enumerate() {
        let expected = second as f64;
        assert!((flash - expected).abs() < 0.07, "{flashes:?}");
        assert!((beep - flash).abs() < 0.04, "{flashes:?} {beeps:?}");
    }
}

#[test]
fn every_format_decodes_is_as_long_as_the_recording_and_in_sync() {
    use {AudioCodec::*, Format::*, VideoCodec::*};
    for (format, video, audio) in [
        (Mp4, Libx264, Opus),
        (Mp4, Libx264, Aac),
        (Mkv, Libx264, Aac),
        (Webm, Libvpx, Opus),
        (Mkv, Libvpx, Opus),
    ] {
        let mut scene = Scene::new(4);
        (scene.settings.format, scene.settings.video.codec, scene.settings.audio.codec) =
            (format, video, audio);
        let (directory, files) = made(&scene);
        for name in [&files.combined, &files.audio, &files.video] {
            let path = directory.path().join(name.as_ref().unwrap());
            let duration = checked(&path);
            let is_raw = ["h264", "aac"].contains(&path.extension().unwrap().to_str().unwrap());
            assert!(is_raw || (duration - 4.0).abs() < 0.1, "{name:?} {duration}");
        }
        assert_in_sync(&combined(&directory, &files), 4);
        let left: Vec<_> =
            directory.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "{left:?}");
    }
}

#[test]
fn odd_sounds_and_rates_are_encoded() {
    let mut scene = Scene::new(2);
    for (codec, sample_rate, channels, bitrate, framerate) in [
        (AudioCodec::Aac, 16_000, 1, 1, 1),
        (AudioCodec::Opus, 8_000, 1, 1, 7),
        (AudioCodec::Opus, 48_000, 2, u32::MAX, 60),
        (AudioCodec::Aac, 48_000, 2, u32::MAX, 24),
    ] {
        let audio = &mut scene.settings.audio;
        (audio.codec, audio.sample_rate, audio.channels, audio.bitrate) =
            (codec, sample_rate, channels, bitrate);
        (scene.settings.video.framerate, scene.settings.video.bitrate) = (framerate, bitrate);
        let (directory, files) = made(&scene);
        let duration = checked(&combined(&directory, &files));
        assert!((duration - 2.0).abs() < 0.1, "{duration}");
    }
}

#[test]
fn an_empty_recording_is_black_and_silent() {
    let mut scene = Scene::new(3);
    scene.people = 0;
    let directory = TempDir::new().unwrap();
    let files = record(&scene.log()[..], directory.path(), &mut |_| ()).unwrap();
    let path = combined(&directory, &files);
    assert!((checked(&path) - 3.0).abs() < 0.1);
    assert_eq!((flashes(&path).len(), beeps(&path).len()), (0, 0));
}

#[test]
fn a_part_cut_off_anywhere_is_gone_on_with() {
    let scene = Scene::new(6);
    let log = scene.log();
    let whole = TempDir::new().unwrap();
    // A log that is cut off leaves a part behind, as a recorder that died would.
    let part = part_of(&log, &whole);
    let len = part.len();
    for cut in [0, 40, 700, len / 3, len / 2, len * 2 / 3, len - 1000, len] {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("part-000000000000.mkv"), &part[..cut]).unwrap();
        let mut first = None;
        let files = record(&log[..], directory.path(), &mut |at| first = first.or(Some(at))).unwrap();
        let path = combined(&directory, &files);
        let duration = checked(&path);
        assert!((duration - 6.0).abs() < 0.1, "cut at {cut} of {len}: {duration}");
        assert_in_sync(&path, 6);
    }
}

/// What the encoder has written of a recording, before anything is made final.
fn part_of(log: &[u8], directory: &TempDir) -> Vec<u8> {
    use crate::recording::{
        compose::Composer,
        gstreamer::{parts::Part, studio::GstStudio},
        log::LogReader,
    };
    let path = Part::new(directory.path(), Duration::ZERO).path;
    let mut reader = LogReader::new(log);
    let Some(Record::Header(header)) = reader.next_record().unwrap() else { panic!() };
    let studio = GstStudio::new(&header.settings, &path).unwrap();
    let mut composer = Composer::new(studio, &header.settings, Duration::ZERO);
    while let Some(record) = reader.next_record().unwrap() {
        composer.take(record).unwrap();
    }
    composer.finish(Duration::from_secs(6)).unwrap().finish(|| ()).unwrap();
    checked(&path);
    std::fs::read(path).unwrap()
}

#[test]
fn what_cannot_be_written_is_an_error_and_no_end_of_time() {
    let scene = Scene::new(20);
    let directory = TempDir::new().unwrap();
    // A device that is always full stands for a disk that is.
    let part = directory.path().join("part-000000000000.mkv");
    std::os::unix::fs::symlink("/dev/full", part).unwrap();
    assert!(record_into_full(&scene, &directory).is_err());
}

fn record_into_full(
    scene: &Scene,
    directory: &TempDir,
) -> Result<(), crate::recording::compose::StudioError> {
    use crate::recording::{compose::Studio, gstreamer::studio::GstStudio};
    crate::recording::gstreamer::init().unwrap();
    let path = directory.path().join("part-000000000000.mkv");
    let mut studio = GstStudio::new(&scene.settings, &path)?;
    for _ in 0..scene.seconds * 30 {
        studio.play(&[[0, 0]; 1600])?;
        studio.show(&[])?;
    }
    studio.finish(|| ())
}

#[test]
fn every_codec_is_composed_and_kept_as_it_was_sent() {
    for mime_type in ["video/VP8", "video/VP9", "video/H264", "video/AV1"] {
        let mut scene = Scene::new(4);
        scene.video = mime_type;
        scene.settings.tracks = true;
        scene.other_size = Some((2, (320, 180)));
        let (directory, files) = made(&scene);
        let path = combined(&directory, &files);
        checked(&path);
        assert_in_sync(&path, 4);
        assert_eq!(files.tracks, ["track_p0_video_1.mkv", "track_p0_audio_1.mkv"], "{mime_type}");
        for track in &files.tracks {
            let duration = checked(&directory.path().join(track));
            assert!((duration - 4.0).abs() < 0.15, "{mime_type} {track}: {duration}");
        }
        assert_eq!(flashes(&directory.path().join(&files.tracks[0])).len(), 4, "{mime_type}");
    }
}

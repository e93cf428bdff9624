//! Beacons, encoded by ffmpeg.

use std::{
    io::{self, Write},
    process::{Command, Stdio},
    thread,
};

use bytes::Bytes;

use super::{Beacon, OPUS_HEADERS, OPUS_PACKETS_PER_SECOND, SAMPLE_RATE, VideoCodec, ivf, ogg};

/// How a beacon's picture is to be taken.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Encoder.
    pub codec: VideoCodec,
    /// Width and height in pixels, even.
    pub size: (usize, usize),
    /// A multiple of 5.
    pub frames_per_second: u32,
    /// Length; played in a loop it should be whole seconds.
    pub frames: usize,
    /// Which of them can be decoded without those before; 0 is one of them.
    pub key_frames: Vec<usize>,
}

impl Shot {
    /// One second, to be played in a loop.
    #[must_use]
    pub fn second(codec: VideoCodec, size: (usize, usize), frames_per_second: u32) -> Self {
        Self { codec, size, frames_per_second, frames: frames_per_second as usize, key_frames: vec![0] }
    }
}

/// An access unit delimiter, with its start code.
const DELIMITER: [u8; 5] = [0, 0, 0, 1, 9];

pub(super) fn picture(beacon: Beacon, shot: &Shot) -> io::Result<Vec<Bytes>> {
    let encoder: &[&str] = match shot.codec {
        VideoCodec::Vp8 => &["libvpx", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "0"],
        VideoCodec::Vp9 => &["libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "0"],
        VideoCodec::H264 => {
            &["libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "baseline"]
        }
        VideoCodec::Av1 => &["libaom-av1", "-usage", "realtime", "-cpu-used", "8"],
    };
    let container: &[&str] = match shot.codec {
        VideoCodec::H264 => &["-bsf:v", "h264_metadata=aud=insert", "-f", "h264"],
        _ => &["-lag-in-frames", "0", "-f", "ivf"],
    };
    let (size, rate) = (format!("{}x{}", shot.size.0, shot.size.1), shot.frames_per_second.to_string());
    let forced: Vec<_> = shot.key_frames.iter().map(|frame| format!("eq(n,{frame})")).collect();
    let forced = format!("expr:{}", forced.join("+"));
    let input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size, "-r", &rate, "-i", "pipe:0"];
    let key_frames =
        ["-pix_fmt", "yuv420p", "-g", "100000", "-sc_threshold", "0", "-force_key_frames", &forced];
    let arguments = [&input[..], &["-c:v"], encoder, &["-b:v", "500k"], &key_frames, container].concat();
    let shown = (0..shot.frames)
        .flat_map(|frame| beacon.picture(shot.size, frame as f64 / f64::from(shot.frames_per_second)));
    let encoded = ffmpeg(&arguments, shown.collect())?;
    Ok(match shot.codec {
        VideoCodec::H264 => access_units(&encoded),
        _ => ivf::frames(&encoded.into()),
    })
}

/// A second of sound out of three: one that can be played in a loop.
pub(super) fn sound(beacon: Beacon) -> io::Result<Vec<Bytes>> {
    let sample = |index: u64| ((beacon.sample(index) * f64::from(i16::MAX)) as i16).to_le_bytes();
    let samples = (0..3 * u64::from(SAMPLE_RATE)).flat_map(sample).collect();
    let arguments = "-f s16le -ar 48000 -ac 1 -i pipe:0 -c:a libopus -b:a 64k -frame_duration 20 -f ogg";
    let encoded = ffmpeg(&arguments.split(' ').collect::<Vec<_>>(), samples)?;
    let second = OPUS_PACKETS_PER_SECOND as usize;
    Ok(ogg::packets(&encoded).into_iter().skip(OPUS_HEADERS + second).take(second).collect())
}

fn ffmpeg(arguments: &[&str], input: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error"])
        .args(arguments)
        .arg("pipe:1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdin = child.stdin.take();
    let fed = thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input)));
    let output = child.wait_with_output()?;
    fed.join().map_err(|_| io::Error::other("the writer of ffmpeg's input panicked"))??;
    if output.status.success() { Ok(output.stdout) } else { Err(io::Error::other("ffmpeg does not encode")) }
}

/// A byte stream (ITU-T H.264 annex B) cut before each delimiter.
fn access_units(stream: &[u8]) -> Vec<Bytes> {
    let starts = stream.windows(DELIMITER.len()).enumerate().filter(|(_, window)| **window == DELIMITER);
    let mut starts: Vec<_> = starts.map(|(start, _)| start).collect();
    starts.push(stream.len());
    starts.windows(2).map(|ends| Bytes::copy_from_slice(&stream[ends[0]..ends[1]])).collect()
}

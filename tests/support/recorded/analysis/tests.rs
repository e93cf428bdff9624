//! The measuring, measured on files whose faults are known.

use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::media::{Beacon, FLASH_AT, SAMPLE_RATE};

const SIZE: (usize, usize) = (320, 180);
const FPS: u32 = 30;
const SECONDS: u32 = 6;

/// A film of a beacon.
struct Film {
    beacon: Beacon,
    /// Seconds by which sound comes later than pictures.
    sound_late: f64,
    /// Seconds in which the picture is as at the first of them.
    frozen: (f64, f64),
    /// Seconds without sound.
    mute: (f64, f64),
}

impl Film {
    fn of(beacon: Beacon) -> Self {
        Self { beacon, sound_late: 0.0, frozen: (0.0, 0.0), mute: (0.0, 0.0) }
    }

    fn pictures(&self) -> Vec<u8> {
        let shown = |frame: u32| {
            let at = f64::from(frame) / f64::from(FPS);
            let frozen = (self.frozen.0..self.frozen.1).contains(&at);
            self.beacon.picture(SIZE, if frozen { self.frozen.0 } else { at })
        };
        (0..SECONDS * FPS).flat_map(shown).collect()
    }

    fn sound(&self) -> Vec<u8> {
        let late = (self.sound_late * f64::from(SAMPLE_RATE)) as i64;
        let sample = |index: i64| {
            let at = index as f64 / f64::from(SAMPLE_RATE);
            let mute = (self.mute.0..self.mute.1).contains(&at) || index < late;
            let value = if mute { 0.0 } else { self.beacon.sample((index - late) as u64) };
            ((value * f64::from(i16::MAX)) as i16).to_le_bytes()
        };
        (0..i64::from(SECONDS * SAMPLE_RATE)).flat_map(sample).collect()
    }

    fn shot(&self) -> Analysis {
        let directory = TempDir::new().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("picture"), self.pictures()).unwrap();
        std::fs::write(path("sound"), self.sound()).unwrap();
        let (size, fps) = (format!("{}x{}", SIZE.0, SIZE.1), FPS.to_string());
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size, "-r", &fps, "-i"])
            .arg(path("picture"))
            .args(["-f", "s16le", "-ar", "48000", "-ac", "1", "-i"])
            .arg(path("sound"))
            .args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "libopus"])
            .arg(path("film.mp4"))
            .status();
        assert!(status.unwrap().success());
        Analysis::of(&path("film.mp4")).unwrap()
    }
}

#[test]
fn a_beacon_is_seen_and_heard_where_it_was() {
    for beacon in BEACONS {
        let analysis = Film::of(beacon).shot();
        assert_eq!(analysis.errors, "");
        assert!((analysis.duration - f64::from(SECONDS)).abs() < 0.05, "{}", analysis.duration);
        for seen in &analysis.beacons {
            if seen.name != beacon.name {
                assert!(seen.flashes.is_empty() && seen.beeps.is_empty(), "{seen:?}");
                continue;
            }
            assert_eq!((seen.flashes.len(), seen.beeps.len()), (6, 6), "{seen:?}");
            for (second, (flash, beep)) in seen.flashes.iter().zip(&seen.beeps).enumerate() {
                let at = second as f64 + FLASH_AT;
                assert!((flash - at).abs() < 0.002 && (beep - at).abs() < 0.002, "{at}: {flash} {beep}");
            }
            assert_eq!(longest_within(&seen.still, 0.0, 6.0), 0.0, "{seen:?}");
            assert_eq!(longest_within(&seen.silent, 0.02, 5.98), 0.0, "{seen:?}");
        }
    }
}

#[test]
fn late_sound_is_measured() {
    for late in [-0.1, 0.0, 0.02, 0.1] {
        let film = Film { sound_late: late, ..Film::of(BEACONS[1]) };
        let offsets = film.shot().beacon("green").offsets_within(0.0, f64::MAX);
        assert_eq!(offsets.count, 6);
        assert!((offsets.median - late * 1_000.0).abs() < 2.0, "{late}: {offsets}");
        assert!((offsets.worst - late * 1_000.0).abs() < 3.0, "{late}: {offsets}");
    }
}

#[test]
fn what_stands_still_or_is_silent_is_found() {
    let film = Film { frozen: (1.0, 2.5), mute: (3.0, 3.06), ..Film::of(BEACONS[0]) };
    let analysis = film.shot();
    let seen = analysis.beacon("red");
    assert_eq!(seen.flashes.len(), 4, "two were not shown: {seen:?}");
    let still = longest_within(&seen.still, 0.0, 6.0);
    assert!((1.45..1.65).contains(&still), "{seen:?}");
    let silent = longest_within(&seen.silent, 0.5, 5.5);
    assert!((0.05..0.08).contains(&silent), "{seen:?}");
}

#[test]
fn a_file_that_was_cut_off_is_noticed() {
    let directory = TempDir::new().unwrap();
    let (whole, broken) = (directory.path().join("whole.mp4"), directory.path().join("broken.mp4"));
    let source = ["-f", "lavfi", "-i", "testsrc=d=2:s=64x64", "-movflags", "faststart"];
    let status = Command::new("ffmpeg").args(["-v", "error"]).args(source).arg(&whole).status().unwrap();
    assert!(status.success());
    assert_eq!(decoding_errors(&whole).unwrap(), "");
    let bytes = std::fs::read(&whole).unwrap();
    std::fs::write(&broken, &bytes[..bytes.len() / 2]).unwrap();
    assert_ne!(decoding_errors(&broken).unwrap(), "");
}

//! The child: what it does is in its environment.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{Read as _, Write as _},
    path::Path,
    process,
    time::Duration,
};

use super::sandbox::probe;
use crate::recording::{
    RecorderFiles,
    process::{ChildInput, Reporter, run_child},
};

pub(super) const BEHAVIOUR: &str = "FAKE_RECORDER";

/// Of this test program, to be the child. With one thread tests run on the main thread, the only one.
pub(super) fn arguments() -> Vec<OsString> {
    let name = concat!(module_path!(), "::child").split_once("::").map(|(_, path)| path);
    ["--exact", name.unwrap(), "--ignored", "--nocapture", "--test-threads=1"].map(Into::into).into()
}

#[test]
#[ignore = "is a recorder, which others start"]
fn child() {
    let Ok(behaviour) = std::env::var(BEHAVIOUR) else { return };
    // Whatever the test harness would write after it would be none of a recorder's.
    let code =
        run_child(prepare, |(), input, directory, reporter| record(&behaviour, input, directory, &reporter));
    process::exit(i32::from(code != process::ExitCode::SUCCESS));
}

fn prepare() -> Result<(), String> {
    #[cfg(feature = "gstreamer")]
    gstreamer::init().map_err(|error| error.to_string())?;
    Ok(())
}

fn record(
    behaviour: &str,
    mut input: ChildInput,
    directory: &Path,
    reporter: &Reporter,
) -> Result<RecorderFiles, String> {
    let earlier = fs::read_to_string(directory.join("pids")).unwrap_or_default().lines().count() as u64;
    let mut piece = vec![0; 1000];
    if behaviour != "deaf" {
        input.read(&mut piece).map_err(|error| error.to_string())?;
    }
    let mut pids = OpenOptions::new().create(true).append(true).open(directory.join("pids")).unwrap();
    writeln!(pids, "{}", process::id()).unwrap();
    match behaviour {
        "exits" => process::exit(1),
        "gets further, then exits" if earlier < 12 => {
            reporter.progress(Duration::from_secs(earlier + 1));
            // Said at most a few times a second.
            std::thread::sleep(Duration::from_millis(300));
            reporter.progress(Duration::from_secs(earlier + 1));
            process::exit(1);
        }
        "fails" => return Err("there is no such codec".to_owned()),
        "spins" if earlier == 0 => loop {
            std::hint::spin_loop();
        },
        "repeats itself" if earlier == 0 => loop {
            reporter.progress(Duration::ZERO);
        },
        "deaf" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        "names a foreign file" => {
            return Ok(RecorderFiles { audio: Some("../media.log".to_owned()), ..RecorderFiles::default() });
        }
        #[cfg(feature = "gstreamer")]
        "encodes" => {
            super::codecs::make(directory)?;
            let combined = Some("combined.mkv".to_owned());
            return Ok(RecorderFiles { combined, ..RecorderFiles::default() });
        }
        "chatters" => (0..100_000).for_each(|line| eprintln!("line {line}")),
        "probes" => fs::write(directory.join("probed"), probe(directory)).unwrap(),
        _ => {}
    }
    let mut len = piece.len() as u64;
    loop {
        match input.read(&mut piece).map_err(|error| error.to_string())? {
            0 => break,
            read => len += read as u64,
        }
        reporter.progress(Duration::from_millis(len));
    }
    fs::write(directory.join("combined.mp4"), "whole").unwrap();
    Ok(RecorderFiles { combined: Some("combined.mp4".to_owned()), ..RecorderFiles::default() })
}

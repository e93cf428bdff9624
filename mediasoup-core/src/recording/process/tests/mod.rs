//! Real children: this very test program, called with one test as its recorder.

#[cfg(feature = "gstreamer")]
mod codecs;
mod fake;
mod leaks;
mod life;
mod sandbox;

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{ProcessBackend, RecorderCommand, ambient};
use crate::recording::{
    Recorder, RecorderBackend as _, RecorderJob,
    log::{LogGrowth, LogSource},
};

/// What is waited for comes within this, or never.
const PATIENCE: Duration = Duration::from_secs(60);

/// A recorder with a log, both made up.
struct Scene {
    root: TempDir,
    log: File,
    written: u64,
    growth: LogGrowth,
    backend: ProcessBackend,
}

impl Scene {
    fn new(behaviour: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("job")).unwrap();
        let log = File::create(root.path().join("media.log")).unwrap();
        let mut command = RecorderCommand::current_exe(fake::arguments());
        command.environment.push((fake::BEHAVIOUR.into(), behaviour.into()));
        let backend = ProcessBackend::new(command);
        Self { root, log, written: 0, growth: LogGrowth::default(), backend }
    }

    async fn start(&self) -> Box<dyn Recorder> {
        let log = LogSource::growing(self.root.path().join("media.log"), self.growth.clone());
        self.backend.start(RecorderJob { log, directory: self.job() }).await.unwrap()
    }

    fn job(&self) -> std::path::PathBuf {
        self.root.path().join("job")
    }

    fn write(&mut self, len: usize) {
        self.log.write_all(&vec![7; len]).unwrap();
        self.written += len as u64;
        self.growth.advance(self.written);
    }

    /// The processes that were started for it so far.
    fn pids(&self) -> Vec<u32> {
        let pids = fs::read_to_string(self.job().join("pids")).unwrap_or_default();
        // The last line may not be whole yet.
        pids.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')?.parse().ok()).collect()
    }

    /// Writes to the log, as if the recording went on, until `done` gives something.
    async fn go_on_until<T>(&mut self, mut done: impl FnMut(&Self) -> Option<T>) -> T {
        let start = ambient::now();
        loop {
            if let Some(done) = done(self) {
                return done;
            }
            assert!(start.elapsed_ms() < PATIENCE.as_millis(), "it never came; children: {:?}", self.pids());
            self.write(100);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The process that was started as the `nth`, from 1, once it has read something.
    async fn nth_child(&mut self, nth: usize) -> u32 {
        self.go_on_until(|scene| scene.pids().get(nth - 1).copied()).await
    }
}

trait Elapsed {
    fn elapsed_ms(self) -> u128;
}

impl Elapsed for Instant {
    fn elapsed_ms(self) -> u128 {
        ambient::now().duration_since(self).as_millis()
    }
}

fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

fn is_gone(pid: u32) -> bool {
    !Path::new(&format!("/proc/{pid}")).exists()
}

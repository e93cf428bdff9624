//! CPU and memory, from Linux's `/proc`. Zero where there is none.
#![expect(clippy::disallowed_methods, reason = "a share of time needs the clock")]

use std::{
    fs,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::lock;
use crate::media::stats::ResourceUsage;

/// Unit of the times in `/proc/<pid>/stat`: `USER_HZ`, which is 100 on every architecture we run on.
const TICK: Duration = Duration::from_millis(10);

/// The calling thread's id; 0 where `/proc` is missing.
pub(super) fn current_thread_id() -> u32 {
    fs::read_link("/proc/thread-self")
        .ok()
        .and_then(|path| path.file_name()?.to_str()?.parse().ok())
        .unwrap_or(0)
}

/// Measures a thread.
#[derive(Debug)]
pub(super) struct UsageMeter {
    thread_id: u32,
    last: Mutex<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Instant,
    cpu_time: Duration,
}

impl UsageMeter {
    /// Measures this thread from now on.
    pub(super) fn new(thread_id: u32) -> Self {
        Self { thread_id, last: Mutex::new(Sample::take(thread_id)) }
    }

    pub(super) fn thread_id(&self) -> u32 {
        self.thread_id
    }

    /// What was used since the last call.
    pub(super) fn measure(&self) -> ResourceUsage {
        let now = Sample::take(self.thread_id);
        let before = std::mem::replace(&mut *lock(&self.last), now);
        ResourceUsage { cpu: share(before, now), memory: resident_mib() }
    }
}

impl Sample {
    fn take(thread_id: u32) -> Self {
        let cpu_time = fs::read_to_string(format!("/proc/self/task/{thread_id}/stat"))
            .ok()
            .and_then(|stat| cpu_time(&stat))
            .unwrap_or_default();
        Self { at: Instant::now(), cpu_time }
    }
}

fn share(before: Sample, now: Sample) -> f64 {
    let wall = now.at.saturating_duration_since(before.at);
    if wall.is_zero() {
        return 0.0;
    }
    let used = now.cpu_time.saturating_sub(before.cpu_time);
    (used.as_secs_f64() / wall.as_secs_f64()).min(1.0)
}

/// `utime` and `stime` of proc_pid_stat(5), counted after the name, which may hold anything.
fn cpu_time(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let ticks: u32 = fields.next()?.parse::<u32>().ok()?.checked_add(fields.next()?.parse().ok()?)?;
    Some(TICK * ticks)
}

fn resident_mib() -> u64 {
    fs::read_to_string("/proc/self/status").ok().and_then(|status| resident_kib(&status)).unwrap_or(0) / 1024
}

fn resident_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read() {
        let stat = "7 (wor) ker-0) S 1 7 7 0 -1 4194560 5 0 0 0 150 50 0 0 20 0 9 0 100 1 1";
        assert_eq!(cpu_time(stat), Some(Duration::from_secs(2)));
        assert_eq!(cpu_time("7 (x) S 1"), None);
        assert_eq!(resident_kib("Name:\tx\nVmRSS:\t   20480 kB\n"), Some(20_480));
        assert_eq!(resident_kib("Name:\tx\n"), None);
    }

    #[test]
    fn the_share_is_of_one_core() {
        let start = Instant::now();
        let before = Sample { at: start, cpu_time: Duration::from_secs(1) };
        let after =
            |cpu_s| Sample { at: start + Duration::from_secs(4), cpu_time: Duration::from_secs(cpu_s) };
        assert!((share(before, after(2)) - 0.25).abs() < 1e-9);
        assert!((share(before, after(9)) - 1.0).abs() < 1e-9);
        assert!(share(before, after(0)).abs() < 1e-9);
        assert!(share(before, before).abs() < 1e-9);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_busy_thread_is_seen() {
        let meter = UsageMeter::new(current_thread_id());
        let until = Instant::now() + Duration::from_millis(200);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        let usage = meter.measure();
        assert!(usage.cpu > 0.0 && usage.memory > 0, "{usage:?}");
    }
}

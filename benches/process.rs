//! What the system knows of a process (`man 5 proc`).

use std::{fs, time::Duration};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::{
    process::Pid,
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use crate::Result;

/// USER_HZ: 100 on every Linux that people run servers on.
const TICKS_PER_SECOND: u64 = 100;

/// CPU time used so far, in user space and in the kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuTimes {
    /// The process and its threads, in user space.
    pub user: Duration,
    /// The same, in the kernel.
    pub system: Duration,
    /// Its children that have ended and were waited for.
    pub children: Duration,
}

/// CPU time of a process.
///
/// # Errors
/// There is no such process.
pub fn cpu_times(pid: u32) -> Result<CpuTimes> {
    let [user, system, child_user, child_system] = stat_fields(pid, [11, 12, 13, 14])?;
    let time = |ticks: u64| Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND);
    Ok(CpuTimes { user: time(user), system: time(system), children: time(child_user + child_system) })
}

impl CpuTimes {
    /// Of the process and its threads.
    #[must_use]
    pub fn own(self) -> Duration {
        self.user + self.system
    }
}

/// The children of a process that have not ended.
///
/// # Errors
/// `/proc` cannot be read.
pub fn children(pid: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(child) = entry?.file_name().to_string_lossy().parse() else { continue };
        // One that ends meanwhile has no file any more.
        if stat_fields(child, [1]).is_ok_and(|[parent]| parent == u64::from(pid)) {
            children.push(child);
        }
    }
    Ok(children)
}

/// Bytes of memory that were resident at most so far.
///
/// # Errors
/// There is no such process.
pub fn peak_memory(pid: u32) -> Result<u64> {
    Ok(status_field(pid, "VmHWM:")? * 1024)
}

/// Bytes of memory that are resident.
///
/// # Errors
/// There is no such process.
pub fn memory(pid: u32) -> Result<u64> {
    Ok(status_field(pid, "VmRSS:")? * 1024)
}

/// Threads.
///
/// # Errors
/// There is no such process.
pub fn threads(pid: u32) -> Result<u64> {
    status_field(pid, "Threads:")
}

/// A number of `/proc/<pid>/status`; memory is in KiB.
fn status_field(pid: u32, name: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("status is too short")?;
    Ok(line.trim_end_matches("kB").trim().parse()?)
}

/// Fields of `/proc/<pid>/stat`, counted from the process's state, which follows its name in parentheses.
fn stat_fields<const N: usize>(pid: u32, indices: [usize; N]) -> Result<[u64; N]> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ").ok_or("no name in stat")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let mut values = [0; N];
    for (value, index) in values.iter_mut().zip(indices) {
        *value = fields.get(index).ok_or("stat is too short")?.parse()?;
    }
    Ok(values)
}

/// Keeps this thread, and those it starts, off a core for as long as it lives.
pub struct OffCore(CpuSet);

impl OffCore {
    /// Off this core, from now on.
    ///
    /// # Errors
    /// There is no other core.
    pub fn new(core: usize) -> Result<Self> {
        let before = sched_getaffinity(None::<Pid>)?;
        let mut others = before;
        others.unset(core);
        if others.count() == 0 {
            return Err("two cores are needed".into());
        }
        sched_setaffinity(None, &others)?;
        Ok(Self(before))
    }
}

impl Drop for OffCore {
    fn drop(&mut self) {
        // Only a process that may no longer change itself cannot go back.
        let _stays = sched_setaffinity(None, &self.0);
    }
}

/// Lets this process open so many files, as far as it may: what finds no place says so.
pub fn raise_file_limit(files: u64) {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let wanted = files.min(hard).max(soft);
        let _stays = setrlimit(Resource::RLIMIT_NOFILE, wanted, hard);
    }
}

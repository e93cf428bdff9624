//! What this process holds.

use std::{
    alloc::System,
    collections::BTreeSet,
    fmt, fs,
    time::{Duration, Instant},
};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Handle;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A measurement.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Allocated and not freed, exactly.
    pub(crate) heap_bytes: usize,
    /// What the system gave; the allocator keeps some of it, and never the same.
    pub(crate) resident_kib: u64,
    pub(crate) tasks: usize,
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    /// TCP and UDP.
    pub(crate) ports: usize,
}

/// What must be the same at all times: tasks, threads, descriptors, ports.
pub(crate) fn held(figures: &Figures) -> (usize, usize, usize, usize) {
    (figures.tasks, figures.threads, figures.descriptors, figures.ports)
}

impl Figures {
    pub(crate) const TITLES: &str = " heap/B  resident/KiB  tasks  threads  descriptors  ports";

    /// Measures once the tasks that are ending have ended, or have had the time to.
    pub(crate) async fn after_tasks_ended() -> Self {
        let until = Instant::now() + Duration::from_secs(5);
        while Handle::current().metrics().num_alive_tasks() > 0 && Instant::now() < until {
            tokio::task::yield_now().await;
        }
        let heap = ALLOCATOR.stats();
        Self {
            heap_bytes: heap.bytes_allocated - heap.bytes_deallocated,
            resident_kib: resident_kib(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            threads: entries("/proc/self/task"),
            descriptors: entries("/proc/self/fd"),
            ports: ports(),
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { heap_bytes, resident_kib, tasks, threads, descriptors, ports } = self;
        write!(
            f,
            "{heap_bytes:>7}  {resident_kib:>12}  {tasks:>5}  {threads:>7}  {descriptors:>11}  {ports:>5}"
        )
    }
}

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).expect("Linux").count()
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("proc(5)");
    line.trim().trim_end_matches(" kB").parse().expect("proc(5)")
}

/// This process's sockets that have a port.
fn ports() -> usize {
    let links = fs::read_dir("/proc/self/fd").expect("Linux").flatten();
    let ours: BTreeSet<String> = links
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|name| format!("/proc/self/net/{name}"));
    // The tenth column is the socket's inode; a machine may lack a table.
    let tables = tables.iter().filter_map(|path| fs::read_to_string(path).ok());
    tables
        .map(|table| {
            table
                .lines()
                .filter(|line| line.split_whitespace().nth(9).is_some_and(|inode| ours.contains(inode)))
                .count()
        })
        .sum()
}

//! Behind these walls media is decoded that anybody may have sent. What is not needed for that is refused, with an error,
//! so that a library that tries goes on without.

mod landlock;
mod seccomp;

use std::{fs, path::Path};

/// Closes them; gives, for people, what stays open.
pub(super) fn enter(directory: &Path) -> Vec<String> {
    let threads = fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    let files = landlock::restrict(directory, threads > 1).err();
    // Last: it forbids what the others need.
    let calls = seccomp::restrict().err();
    files
        .map(|why| format!("can open files of others: {why}"))
        .into_iter()
        .chain(calls.map(|why| format!("can use the network and start programs: {why}")))
        .collect()
}

//! Processes, as `/proc` shows them.

use std::fs;

/// A process that runs, or that has ended and was not waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    fn read(self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.0)).unwrap_or_default()
    }

    /// Those it has started.
    pub(crate) fn children(self) -> Vec<Self> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).into_iter().flatten().flatten();
        let children = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
        children
            .flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .map(|id| Self(id.parse().unwrap()))
            .collect()
    }

    pub(crate) fn threads(self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.0)).map_or(0, Iterator::count)
    }

    pub(crate) fn open_files(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).map_or(0, Iterator::count)
    }

    /// KiB of memory that it really has.
    pub(crate) fn memory(self) -> usize {
        let status = self.read("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
    }

    /// `kill -9`.
    pub(crate) fn kill(self) {
        let status = std::process::Command::new("kill").args(["-9", &self.0.to_string()]).status();
        assert!(status.unwrap().success());
    }
}

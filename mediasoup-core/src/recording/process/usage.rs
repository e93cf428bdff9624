//! What a process does, as `/proc` tells it.

use std::{fs, io, time::Duration};

/// Of `/proc`'s times: `USER_HZ`, 100 on every Linux of 64 bit.
const TICK: Duration = Duration::from_millis(10);

/// A look at a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    /// CPU time used by all its threads so far.
    pub(super) cpu: Duration,
    /// Whether a thread of it runs, wants to run, or waits for a disk: it does something, or would if it were let.
    pub(super) busy: bool,
}

/// Looks at a process.
///
/// # Errors
/// There is no such process.
pub(super) fn usage(pid: u32) -> io::Result<Usage> {
    let malformed = || io::Error::from(io::ErrorKind::InvalidData);
    let process = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, cpu) = state_and_cpu(&process).ok_or_else(malformed)?;
    let mut busy = false;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the two.
        let Ok(stat) = fs::read_to_string(task?.path().join("stat")) else { continue };
        let (state, _) = state_and_cpu(&stat).ok_or_else(malformed)?;
        busy |= matches!(state, 'R' | 'D');
    }
    Ok(Usage { cpu, busy })
}

/// Of a line of `stat`: see proc_pid_stat(5). The name, second, may contain anything, also spaces and brackets.
fn state_and_cpu(stat: &str) -> Option<(char, Duration)> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let mut ticks = fields.skip(10).map(str::parse::<u32>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some((state, TICK * user.saturating_add(system)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name() {
        let stat = "7 (a ) R (b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 100 1000 10";
        assert_eq!(state_and_cpu(stat), Some(('S', Duration::from_secs(3))));
        assert_eq!(state_and_cpu("7 (cut) S 1 7"), None);
        assert_eq!(state_and_cpu(""), None);
    }

    #[test]
    fn this_process_runs() {
        assert!(usage(std::process::id()).unwrap().busy);
    }

    #[test]
    fn a_process_that_is_not_cannot_be_looked_at() {
        usage(u32::MAX).unwrap_err();
    }
}

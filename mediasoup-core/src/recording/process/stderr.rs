//! What a recorder writes on its standard error, as lines of the server's log; never more than a few a second.

use std::time::{Duration, Instant};

use super::{LOG_TARGET, protocol::Lines};

/// Longer lines are left out: GStreamer's are shorter.
const LINE_LEN_MAX: usize = 4096;
const LINES_PER_INTERVAL: u32 = 10;
const INTERVAL: Duration = Duration::from_secs(1);

/// The log of one child's standard error.
#[derive(Debug)]
pub(super) struct StderrLog {
    pid: u32,
    lines: Lines,
    limit: Limit,
}

impl StderrLog {
    pub(super) fn new(pid: u32) -> Self {
        Self { pid, lines: Lines::new(LINE_LEN_MAX), limit: Limit::default() }
    }

    /// The child wrote `piece`.
    pub(super) fn push(&mut self, piece: &[u8], now: Instant) {
        for line in self.lines.push(piece).unwrap_or_default() {
            match self.limit.admit(now) {
                Admission::Refused => continue,
                Admission::Admitted { refused: 0 } => {}
                Admission::Admitted { refused } => {
                    tracing::warn!(target: LOG_TARGET, pid = self.pid, "{refused} lines of the recorder left out");
                }
            }
            // With escapes: whoever took the child over must not write into a terminal.
            let text = String::from_utf8_lossy(&line);
            tracing::warn!(target: LOG_TARGET, pid = self.pid, "recorder: {}", text.escape_debug());
        }
    }
}

/// So many in each interval.
#[derive(Debug, Default)]
struct Limit {
    interval_start: Option<Instant>,
    admitted: u32,
    refused: u32,
}

#[derive(Debug, PartialEq, Eq)]
enum Admission {
    Refused,
    Admitted {
        /// Before this one.
        refused: u32,
    },
}

impl Limit {
    fn admit(&mut self, now: Instant) -> Admission {
        if self.interval_start.is_none_or(|start| now.duration_since(start) >= INTERVAL) {
            self.interval_start = Some(now);
            self.admitted = 0;
        }
        if self.admitted == LINES_PER_INTERVAL {
            self.refused += 1;
            return Admission::Refused;
        }
        self.admitted += 1;
        Admission::Admitted { refused: std::mem::take(&mut self.refused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::process::ambient;

    #[test]
    fn a_flood_costs_few_lines_and_is_counted() {
        let mut limit = Limit::default();
        let start = ambient::now();
        for _ in 0..LINES_PER_INTERVAL {
            assert_eq!(limit.admit(start), Admission::Admitted { refused: 0 });
        }
        for _ in 0..7 {
            assert_eq!(limit.admit(start + INTERVAL / 2), Admission::Refused);
        }
        assert_eq!(limit.admit(start + INTERVAL), Admission::Admitted { refused: 7 });
        assert_eq!(limit.admit(start + INTERVAL), Admission::Admitted { refused: 0 });
    }
}

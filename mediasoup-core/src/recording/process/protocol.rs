//! What server and child say to each other: lines of JSON, and after the server's first line the log's bytes.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use crate::recording::RecorderFiles;

/// While it has something to do, a child says so at least as often. The watchdog builds on it.
pub(super) const REPORT_INTERVAL_MAX: Duration = Duration::from_millis(500);

/// The server's only line; the log's bytes follow.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    /// Where the files go.
    pub(super) directory: PathBuf,
    /// The server's process. A child whose parent is another has outlived it.
    pub(super) parent: u32,
}

/// A line of the child.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Report {
    /// It lives, and has come so far.
    Progress(Progress),
    /// Something of its protection is not to be had here.
    Warning(String),
    /// All files are whole and on disk. The last line.
    Finished(RecorderFiles),
    /// It gives up. The last line.
    Failed(String),
}

/// How far a child is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// ms of the recording.
    pub(super) position: u64,
    /// Bytes of the log taken in: what is fed beyond waits for it.
    pub(super) read: u64,
}

/// Cuts what comes in pieces into lines.
#[derive(Debug)]
pub(super) struct Lines {
    partial: Vec<u8>,
    len_max: usize,
}

/// A line was longer than allowed.
#[derive(Debug, thiserror::Error)]
#[error("a line without an end")]
pub(super) struct TooLong;

impl Lines {
    /// Of lines of at most `len_max` bytes.
    pub(super) fn new(len_max: usize) -> Self {
        Self { partial: Vec::new(), len_max }
    }

    /// The lines that `piece` ends, without what ends them.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut lines = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            if self.partial.len() + part.len() > self.len_max {
                self.partial.clear();
                return Err(TooLong);
            }
            self.partial.extend_from_slice(part);
            if self.partial.last() == Some(&b'\n') {
                self.partial.pop();
                lines.push(std::mem::take(&mut self.partial));
            }
        }
        Ok(lines)
    }
}

/// A message as its line.
pub(super) fn line(message: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = b"one\n\nthree\nrest";
        for at in 0..text.len() {
            let mut lines = Lines::new(6);
            let mut got = lines.push(&text[..at]).unwrap();
            got.extend(lines.push(&text[at..]).unwrap());
            assert_eq!(got, [b"one".to_vec(), b"".to_vec(), b"three".to_vec()], "cut at {at}");
        }
    }

    #[test]
    fn a_line_without_end_is_an_error_not_a_store() {
        let mut lines = Lines::new(8);
        assert!(lines.push(&[b'a'; 8]).unwrap().is_empty());
        lines.push(b"a").unwrap_err();
    }

    #[test]
    fn reports_have_one_shape() {
        let progress = Report::Progress(Progress { position: 1, read: 2 });
        assert_eq!(line(&progress).unwrap(), b"{\"progress\":{\"position\":1,\"read\":2}}\n");
        assert_eq!(line(&Report::Failed("why".to_owned())).unwrap(), b"{\"failed\":\"why\"}\n");
    }
}

//! What is in the logs of recordings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    time::Duration,
};

use mediasoup_core::recording::log::{LogReader, Record};

use crate::Result;

/// What one or more logs hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Contents {
    pub(crate) packets: u64,
    /// Sequence numbers left out between the first and the last of a track.
    pub(crate) holes: u64,
    pub(crate) bytes: u64,
    /// Of the longest.
    pub(crate) length: Duration,
}

/// The logs of a directory of recordings whose files are not made yet.
pub(crate) fn in_directory(recordings: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(recordings.join(".recordings"))?;
    let mut logs = Vec::new();
    for entry in entries {
        let log = entry?.path().join("media.log");
        if log.exists() {
            logs.push(log);
        }
    }
    Ok(logs)
}

/// Reads logs from start to end.
pub(crate) fn read(logs: &[PathBuf]) -> Result<Contents> {
    let mut all = Contents::default();
    for path in logs {
        let contents = read_one(path)?;
        all.packets += contents.packets;
        all.holes += contents.holes;
        all.bytes += contents.bytes;
        all.length = all.length.max(contents.length);
    }
    Ok(all)
}

fn read_one(path: &Path) -> Result<Contents> {
    let mut reader = LogReader::new(BufReader::new(File::open(path)?));
    let mut sequences: BTreeMap<(u32, u8), BTreeSet<u64>> = BTreeMap::new();
    let mut contents = Contents { bytes: path.metadata()?.len(), ..Contents::default() };
    while let Some(record) = reader.next_record()? {
        contents.length = record.at();
        if let Record::Packet(packet) = record {
            contents.packets += 1;
            sequences.entry((packet.track, packet.encoding)).or_default().insert(packet.sequence);
        }
    }
    contents.holes = sequences.values().map(holes).sum();
    Ok(contents)
}

fn holes(sequences: &BTreeSet<u64>) -> u64 {
    let (Some(first), Some(last)) = (sequences.first(), sequences.last()) else { return 0 };
    last - first + 1 - sequences.len() as u64
}

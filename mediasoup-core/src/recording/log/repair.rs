//! Ending a log that a crash has cut off.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, Seek, SeekFrom},
    path::Path,
    time::Duration,
};

use super::{LogHeader, LogReader, LogWriter, ReadError, Record};

/// Cuts off what is torn and ends the log there, unless it has its end. Gives the header and the recording's length;
/// `None`, and nothing is changed, where not even the header is whole. Blocks: it reads all of it.
pub(crate) fn repair(path: &Path) -> io::Result<Option<(LogHeader, Duration)>> {
    let mut reader = LogReader::new(BufReader::with_capacity(1 << 20, File::open(path)?));
    let Some(Record::Header(header)) = next_whole(&mut reader)? else { return Ok(None) };
    let (mut length, mut has_end) = (Duration::ZERO, false);
    while !has_end && let Some(record) = next_whole(&mut reader)? {
        length = length.max(record.at());
        has_end = matches!(record, Record::End { .. });
    }
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.set_len(reader.position())?;
    if !has_end {
        file.seek(SeekFrom::End(0))?;
        let mut log = LogWriter::new(&file);
        log.push(&Record::End { at: length });
        log.flush()?;
    }
    file.sync_data()?;
    Ok(Some((*header, length)))
}

/// `None`: what follows, if anything, is torn.
fn next_whole(reader: &mut LogReader<impl io::Read>) -> io::Result<Option<Record>> {
    match reader.next_record() {
        Ok(record) => Ok(record),
        Err(ReadError::Torn) => Ok(None),
        Err(ReadError::Io(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{ids::RecordingId, recording::Settings};

    fn log(records: &[Record]) -> Vec<u8> {
        let mut log = LogWriter::new(Vec::new());
        records.iter().for_each(|record| log.push(record));
        log.flush().unwrap();
        log.get_ref().clone()
    }

    fn records(path: &Path) -> Vec<Record> {
        let mut reader = LogReader::new(File::open(path).unwrap());
        std::iter::from_fn(|| reader.next_record().unwrap()).collect()
    }

    #[test]
    fn wherever_a_log_is_cut_it_is_ended_after_its_last_whole_record() {
        let header = LogHeader {
            id: RecordingId::from_u128(1),
            room_id: "a".parse().unwrap(),
            filename: "room_a".to_owned(),
            started_at: 7,
            options: serde_json::from_str("{}").unwrap(),
            settings: Settings::default(),
        };
        let at = Duration::from_millis;
        let header = Record::Header(Box::new(header));
        let whole = [
            header.clone(),
            Record::Tick { at: at(1) },
            Record::Tick { at: at(2) },
            Record::End { at: at(3) },
        ];
        let bytes = log(&whole);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        for cut in 0..=bytes.len() {
            let left = (0..=4).rev().find(|count| log(&whole[..*count]).len() <= cut).unwrap();
            fs::write(&path, &bytes[..cut]).unwrap();
            let repaired = repair(&path).unwrap();
            if left == 0 {
                assert!(repaired.is_none());
                assert_eq!(fs::read(&path).unwrap(), bytes[..cut], "left as it was");
                continue;
            }
            let length = whole[left - 1].at();
            assert_eq!(repaired.unwrap().1, length);
            let ended: Vec<_> =
                whole[..left.min(3)].iter().cloned().chain([Record::End { at: length }]).collect();
            assert_eq!(records(&path), ended, "cut at {cut}");
        }
    }

    #[test]
    fn what_stands_behind_the_end_is_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        fs::write(&path, [1, 2, 3]).unwrap();
        assert!(repair(&path).unwrap().is_none());
    }
}

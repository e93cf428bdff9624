//! Reading a log.

use std::{
    io::{self, Read},
    time::Duration,
};

use serde::de::DeserializeOwned;

use super::{
    record::{LoggedPacket, LoggedSenderReport, Record},
    writer::{PREFIX_LEN, flag, kind},
};

/// No record is longer: a datagram is the most a packet brings, and JSON is smaller.
const RECORD_LEN_MAX: usize = 1 << 17;

/// Why there is no further record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The input's.
    #[error("cannot read the log: {0}")]
    Io(#[from] io::Error),
    /// It ends in the middle of a record, or one is not as it was written. What came before is whole.
    #[error("the log is torn")]
    Torn,
}

/// Reads the records of a log.
#[derive(Debug)]
pub struct LogReader<R> {
    input: R,
    body: Vec<u8>,
    position: u64,
}

impl<R: Read> LogReader<R> {
    /// A reader at the start of `input`, which should be buffered.
    pub fn new(input: R) -> Self {
        Self { input, body: Vec::new(), position: 0 }
    }

    /// Bytes of the records read so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next record; `None` at the end of the input. After [`Record::End`] nothing follows.
    ///
    /// # Errors
    /// [`ReadError`]; then nothing that follows can be read.
    pub fn next_record(&mut self) -> Result<Option<Record>, ReadError> {
        let mut prefix = [0; PREFIX_LEN];
        match read_full(&mut self.input, &mut prefix)? {
            0 => return Ok(None),
            PREFIX_LEN => {}
            _ => return Err(ReadError::Torn),
        }
        let mut prefix = Fields(&prefix);
        let (len, checksum) = (prefix.u32()? as usize, prefix.u32()?);
        if len > RECORD_LEN_MAX {
            return Err(ReadError::Torn);
        }
        self.body.resize(len, 0);
        if read_full(&mut self.input, &mut self.body)? < len || crc32fast::hash(&self.body) != checksum {
            return Err(ReadError::Torn);
        }
        let record = decode(&self.body)?;
        self.position += (PREFIX_LEN + len) as u64;
        Ok(Some(record))
    }
}

/// Reads until `buffer` is full or the input ends; gives how much.
fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(len) => filled += len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn decode(body: &[u8]) -> Result<Record, ReadError> {
    let mut fields = Fields(body);
    let kind = fields.u8()?;
    let at = Duration::from_micros(fields.u64()?);
    Ok(match kind {
        kind::HEADER => Record::Header(Box::new(fields.json()?)),
        kind::ROSTER => Record::Roster { at, event: fields.json()? },
        kind::PACKET => Record::Packet(packet(at, fields)?),
        kind::SENDER_REPORT => Record::SenderReport(LoggedSenderReport {
            at,
            track: fields.u32()?,
            encoding: fields.u8()?,
            ntp: fields.u64()?,
            rtp_timestamp: fields.u32()?,
        }),
        kind::TICK => Record::Tick { at },
        kind::END => Record::End { at },
        _ => return Err(ReadError::Torn),
    })
}

fn packet(at: Duration, mut fields: Fields<'_>) -> Result<LoggedPacket, ReadError> {
    let (track, encoding, sequence, timestamp) = (fields.u32()?, fields.u8()?, fields.u64()?, fields.u32()?);
    let flags = fields.u8()?;
    let turns = u16::from(flags >> flag::ROTATION_SHIFT & 3);
    Ok(LoggedPacket {
        at,
        track,
        encoding,
        sequence,
        timestamp,
        marker: flags & flag::MARKER != 0,
        is_key_frame: flags & flag::KEY_FRAME != 0,
        rotation: (flags & flag::HAS_ROTATION != 0).then_some(turns * 90),
        payload: fields.0.into(),
    })
}

/// The rest of a record.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let (field, rest) = self.0.split_first_chunk().ok_or(ReadError::Torn)?;
        self.0 = rest;
        Ok(*field)
    }

    fn u8(&mut self) -> Result<u8, ReadError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, ReadError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, ReadError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<T, ReadError> {
        serde_json::from_slice(self.0).map_err(|_| ReadError::Torn)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        ids::{RecordingId, RoomId},
        recording::{
            log::{LogHeader, LogWriter},
            roster::RosterEvent,
            settings::Settings,
        },
    };

    fn records() -> Vec<Record> {
        let at = Duration::from_micros;
        let packet = LoggedPacket {
            at: at(5),
            track: 1,
            encoding: 2,
            sequence: 1 << 40,
            timestamp: u32::MAX,
            marker: true,
            is_key_frame: true,
            rotation: Some(270),
            payload: [1, 2, 3].into(),
        };
        let header = LogHeader {
            id: RecordingId::from_u128(1),
            room_id: "a".parse::<RoomId>().unwrap(),
            filename: "room_a".to_owned(),
            started_at: 7,
            options: serde_json::from_value(serde_json::json!({ "video": { "bitrate": "1000k" } })).unwrap(),
            settings: Settings::default(),
        };
        let report = LoggedSenderReport { at: at(6), track: 1, encoding: 0, ntp: u64::MAX, rtp_timestamp: 9 };
        let joined = RosterEvent::Joined { participant_id: "p".parse().unwrap(), name: "Ada ♥".to_owned() };
        vec![
            Record::Header(Box::new(header)),
            Record::Roster { at: at(4), event: joined },
            Record::Packet(LoggedPacket {
                marker: false,
                rotation: None,
                payload: [].into(),
                ..packet.clone()
            }),
            Record::Packet(packet),
            Record::SenderReport(report),
            Record::Tick { at: at(7) },
            Record::End { at: at(8) },
        ]
    }

    fn written(records: &[Record]) -> Vec<u8> {
        let mut log = LogWriter::new(Vec::new());
        for record in records {
            log.push(record);
        }
        log.flush().unwrap();
        assert_eq!(log.flushed(), log.get_ref().len() as u64);
        log.get_ref().clone()
    }

    fn read(bytes: &[u8]) -> (Vec<Record>, Option<ReadError>) {
        let mut reader = LogReader::new(bytes);
        let mut records = Vec::new();
        loop {
            match reader.next_record() {
                Ok(Some(record)) => records.push(record),
                Ok(None) => return (records, None),
                Err(error) => return (records, Some(error)),
            }
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let (read, error) = read(&written(&records()));
        assert_eq!(read, records());
        assert!(error.is_none());
    }

    #[test]
    fn a_log_that_was_cut_off_is_whole_up_to_there() {
        let bytes = written(&records());
        let ends: Vec<_> = (1..=records().len()).map(|count| written(&records()[..count]).len()).collect();
        for len in 0..bytes.len() {
            let (read, error) = read(&bytes[..len]);
            let whole = ends.iter().filter(|end| **end <= len).count();
            assert_eq!(read, records()[..whole], "cut at {len}");
            assert_eq!(error.is_none(), len == 0 || ends.contains(&len), "cut at {len}");
        }
    }

    proptest! {
        #[test]
        fn a_log_that_was_changed_gives_no_wrong_record(at in 0usize..400, bits in 1u8..) {
            let mut bytes = written(&records());
            let at = at % bytes.len();
            bytes[at] ^= bits;
            let (read, _) = read(&bytes);
            prop_assert!(read.len() < records().len() && read == records()[..read.len()]);
        }

        #[test]
        fn anything_can_be_read(bytes: Vec<u8>) {
            read(&bytes);
        }
    }
}

//! Writing a log.

use std::io::{self, Write};

use super::record::{LoggedPacket, LoggedSenderReport, Record};

/// Kinds of records on disk.
pub(super) mod kind {
    pub(crate) const HEADER: u8 = 1;
    pub(crate) const ROSTER: u8 = 2;
    pub(crate) const PACKET: u8 = 3;
    pub(crate) const SENDER_REPORT: u8 = 4;
    pub(crate) const TICK: u8 = 5;
    pub(crate) const END: u8 = 6;
}

/// Bits of a packet's flags.
pub(super) mod flag {
    pub(crate) const MARKER: u8 = 1;
    pub(crate) const KEY_FRAME: u8 = 2;
    pub(crate) const HAS_ROTATION: u8 = 4;
    /// Two bits: quarter turns.
    pub(crate) const ROTATION_SHIFT: u8 = 3;
}

/// Length and checksum, before each record.
pub(super) const PREFIX_LEN: usize = 8;

/// Writes records: u32 length, u32 CRC-32, then the record (u8 kind, u64 µs, the rest by kind), all little-endian.
#[derive(Debug)]
pub struct LogWriter<W> {
    output: W,
    /// Records not yet handed to `output`.
    pending: Vec<u8>,
    flushed: u64,
}

impl<W: Write> LogWriter<W> {
    /// A writer at the start of `output`.
    pub fn new(output: W) -> Self {
        Self { output, pending: Vec::new(), flushed: 0 }
    }

    /// Where everything goes.
    pub fn get_ref(&self) -> &W {
        &self.output
    }

    /// Bytes handed to the output: all of them whole records.
    #[must_use]
    pub fn flushed(&self) -> u64 {
        self.flushed
    }

    /// Adds a record; [`LogWriter::flush`] writes it.
    pub fn push(&mut self, record: &Record) {
        let start = self.pending.len();
        self.pending.extend_from_slice(&[0; PREFIX_LEN]);
        encode(record, &mut self.pending);
        let body = &self.pending[start + PREFIX_LEN..];
        let (len, checksum) = (body.len() as u32, crc32fast::hash(body));
        self.pending[start..start + 4].copy_from_slice(&len.to_le_bytes());
        self.pending[start + 4..start + PREFIX_LEN].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Writes what was pushed, in one go.
    ///
    /// # Errors
    /// The output's; what was pushed stays pending, and a record may be torn.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.write_all(&self.pending)?;
        self.output.flush()?;
        self.flushed += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}

fn encode(record: &Record, out: &mut Vec<u8>) {
    let micros = |at: std::time::Duration| (at.as_micros() as u64).to_le_bytes();
    let begin = |kind: u8, out: &mut Vec<u8>| {
        out.push(kind);
        out.extend_from_slice(&micros(record.at()));
    };
    match record {
        Record::Header(header) => {
            begin(kind::HEADER, out);
            write_json(header, out);
        }
        Record::Roster { event, .. } => {
            begin(kind::ROSTER, out);
            write_json(event, out);
        }
        Record::Packet(packet) => {
            begin(kind::PACKET, out);
            encode_packet(packet, out);
        }
        Record::SenderReport(report) => {
            begin(kind::SENDER_REPORT, out);
            let LoggedSenderReport { track, encoding, ntp, rtp_timestamp, .. } = report;
            out.extend_from_slice(&track.to_le_bytes());
            out.push(*encoding);
            out.extend_from_slice(&ntp.to_le_bytes());
            out.extend_from_slice(&rtp_timestamp.to_le_bytes());
        }
        Record::Tick { .. } => begin(kind::TICK, out),
        Record::End { .. } => begin(kind::END, out),
    }
}

fn encode_packet(packet: &LoggedPacket, out: &mut Vec<u8>) {
    let LoggedPacket { track, encoding, sequence, timestamp, marker, is_key_frame, rotation, .. } = packet;
    let turns =
        rotation.map_or(0, |degrees| flag::HAS_ROTATION | ((degrees / 90 % 4) as u8) << flag::ROTATION_SHIFT);
    let flags =
        turns | if *marker { flag::MARKER } else { 0 } | if *is_key_frame { flag::KEY_FRAME } else { 0 };
    out.extend_from_slice(&track.to_le_bytes());
    out.push(*encoding);
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&timestamp.to_le_bytes());
    out.push(flags);
    out.extend_from_slice(&packet.payload);
}

/// Plain data always becomes JSON; were it not so, the reader would stop at the empty record.
fn write_json(value: &impl serde::Serialize, out: &mut Vec<u8>) {
    out.extend_from_slice(&serde_json::to_vec(value).unwrap_or_default());
}

//! What is in a log.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ProducerId, RecordingId, RoomId},
    recording::{options::RecordingOptions, roster::RosterEvent, settings::Settings},
};

/// Short for a producer: the how-many-eth track that was added, from 0.
pub type TrackIndex = u32;

/// The first record of every log: all that is needed to make the files without anything else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogHeader {
    /// Which recording.
    pub id: RecordingId,
    /// Of which room.
    pub room_id: RoomId,
    /// What the names of its files begin with.
    pub filename: String,
    /// ms since the epoch.
    pub started_at: u64,
    /// As given.
    pub options: RecordingOptions,
    /// As decided.
    pub settings: Settings,
}

/// One entry. Times count from the start of the recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Always the first.
    Header(Box<LogHeader>),
    /// Who is there changed.
    Roster {
        /// When.
        at: Duration,
        /// How.
        event: RosterEvent,
    },
    /// A packet came.
    Packet(LoggedPacket),
    /// A sender report came.
    SenderReport(LoggedSenderReport),
    /// Time has passed: written a few times a second, so that a reader knows how far the log is.
    Tick {
        /// Now.
        at: Duration,
    },
    /// Always the last of a recording that was stopped in order; its length.
    End {
        /// Now.
        at: Duration,
    },
}

impl Record {
    /// When it was written; the header at 0.
    #[must_use]
    pub fn at(&self) -> Duration {
        match self {
            Self::Header(_) => Duration::ZERO,
            Self::Roster { at, .. } | Self::Tick { at } | Self::End { at } => *at,
            Self::Packet(packet) => packet.at,
            Self::SenderReport(report) => report.at,
        }
    }
}

/// A [`TapPacket`](crate::media::tap::TapPacket), as logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedPacket {
    /// When it came.
    pub at: Duration,
    /// Whose: see [`TrackIndex`].
    pub track: TrackIndex,
    /// Index in the producer's encodings.
    pub encoding: u8,
    /// Unwrapped.
    pub sequence: u64,
    /// In units of the codec's clock rate.
    pub timestamp: u32,
    /// RTP marker bit.
    pub marker: bool,
    /// Decoding can start here.
    pub is_key_frame: bool,
    /// Degrees, clockwise; `None`: as before.
    pub rotation: Option<u16>,
    /// RTP payload.
    pub payload: Box<[u8]>,
}

/// A [`TapSenderReport`](crate::media::tap::TapSenderReport), as logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedSenderReport {
    /// When it came.
    pub at: Duration,
    /// Whose.
    pub track: TrackIndex,
    /// Index in the producer's encodings.
    pub encoding: u8,
    /// The sender's clock.
    pub ntp: u64,
    /// The stream's timestamp at that moment.
    pub rtp_timestamp: u32,
}

/// Turns producers into their short names, in the order in which they were added: writer and reader count alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrackIndices {
    producers: std::collections::BTreeMap<ProducerId, TrackIndex>,
    next: TrackIndex,
}

impl TrackIndices {
    /// The producer's track was added. A producer is added once.
    pub(crate) fn add(&mut self, producer: ProducerId) -> TrackIndex {
        let index = self.next;
        self.next += 1;
        self.producers.insert(producer, index);
        index
    }

    /// The producer's track was removed. Its number is not given again.
    pub(crate) fn remove(&mut self, producer: ProducerId) {
        self.producers.remove(&producer);
    }

    pub(crate) fn get(&self, producer: ProducerId) -> Option<TrackIndex> {
        self.producers.get(&producer).copied()
    }
}

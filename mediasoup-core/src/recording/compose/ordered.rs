//! Tracks as they were sent: each packet in its order and at its time, for who keeps them undecoded.

use std::{collections::BTreeMap, time::Duration};

use super::{
    sender_clock::SenderClock,
    stream::{Horizon, Stream},
    studio::OrderedPacket,
};
use crate::{
    ids::ParticipantId,
    recording::{
        log::{LoggedPacket, LoggedSenderReport, Record, TrackIndex},
        roster::RosterEvent,
    },
};

/// The packets of all tracks of a log.
#[derive(Debug, Default)]
pub(in crate::recording) struct OrderedTracks {
    /// By [`TrackIndex`].
    tracks: Vec<Origin>,
    streams: BTreeMap<(TrackIndex, u8), Stream>,
    clocks: BTreeMap<ParticipantId, SenderClock>,
}

#[derive(Debug)]
struct Origin {
    participant: ParticipantId,
    clock_rate: u32,
}

impl OrderedTracks {
    /// Takes the next record of the log.
    pub(in crate::recording) fn take(&mut self, record: &Record) {
        match record {
            Record::Roster { event: RosterEvent::TrackAdded(track), .. } => {
                let (participant, clock_rate) = (track.participant_id.clone(), track.codec.clock_rate);
                self.tracks.push(Origin { participant, clock_rate });
            }
            Record::Packet(packet) => self.packet(packet.clone()),
            Record::SenderReport(report) => self.report(report),
            Record::Header(_) | Record::Roster { .. } | Record::Tick { .. } | Record::End { .. } => {}
        }
    }

    fn packet(&mut self, packet: LoggedPacket) {
        if let Some((stream, _)) = self.stream(packet.track, packet.encoding) {
            stream.take(packet);
        }
    }

    fn report(&mut self, report: &LoggedSenderReport) {
        if let Some((stream, clock)) = self.stream(report.track, report.encoding) {
            stream.report(report, clock);
        }
    }

    fn stream(&mut self, track: TrackIndex, encoding: u8) -> Option<(&mut Stream, &mut SenderClock)> {
        let origin = self.tracks.get(track as usize)?;
        let clock = self.clocks.entry(origin.participant.clone()).or_default();
        let stream = self.streams.entry((track, encoding)).or_insert_with(|| Stream::new(origin.clock_rate));
        Some((stream, clock))
    }

    /// Gives every packet that is due, stream by stream, with its encoding.
    pub(in crate::recording) fn pop(
        &mut self,
        due: Duration,
        mut give: impl FnMut(TrackIndex, u8, OrderedPacket),
    ) {
        for ((track, encoding), stream) in &mut self.streams {
            let participant = self.tracks.get(*track as usize).map(|origin| &origin.participant);
            let clock = participant.and_then(|participant| self.clocks.get(participant));
            let Some(clock) = clock else { continue };
            while let Some(placed) = stream.pop(Horizon::due(due), clock) {
                give(*track, *encoding, placed.packet);
            }
        }
    }
}

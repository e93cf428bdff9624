//! Tap and roster into one log. Pure: no clock, no disk.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use super::TAP_CAPACITY;
use crate::{
    ids::ProducerId,
    media::tap::{TapEvent, TapPacket, TapSenderReport},
    recording::{
        log::{LoggedPacket, LoggedSenderReport, Record, TrackIndex, TrackIndices},
        roster::RosterEvent,
    },
};

/// The roster is behind the tap by less.
const PATIENCE: Duration = Duration::from_secs(1);
/// Events that may wait for the roster: what one visit may find.
const HELD_MAX: usize = TAP_CAPACITY;

/// Brings together what two queues tell. A packet of a track that the roster does not know yet, or still calls
/// paused, waits for a moment: the roster is heard later than the packets it is about.
#[derive(Debug)]
pub(super) struct Merge {
    begun: Instant,
    tracks: TrackIndices,
    paused: BTreeSet<ProducerId>,
    held: VecDeque<TapEvent>,
    missed: u64,
}

impl Merge {
    /// A recording that has begun at `begun`.
    pub(super) fn new(begun: Instant) -> Self {
        Self {
            begun,
            tracks: TrackIndices::default(),
            paused: BTreeSet::new(),
            held: VecDeque::new(),
            missed: 0,
        }
    }

    /// Of the recording's time.
    pub(super) fn since_start(&self, time: Instant) -> Duration {
        time.saturating_duration_since(self.begun)
    }

    /// Packets that waited in vain because too many did.
    pub(super) fn missed(&self) -> u64 {
        self.missed
    }

    /// Something was heard.
    pub(super) fn heard(&mut self, event: TapEvent, records: &mut Vec<Record>) {
        match self.flowing(producer_of(&event)) {
            Some(track) => records.push(self.record(event, track)),
            None => self.hold(event),
        }
    }

    /// Who is there changed.
    pub(super) fn changed(&mut self, now: Instant, event: RosterEvent, records: &mut Vec<Record>) {
        let flows_now = match &event {
            RosterEvent::TrackAdded(track) => {
                self.tracks.add(track.producer_id);
                self.set_paused(track.producer_id, track.paused);
                !track.paused
            }
            RosterEvent::TrackPaused { producer_id, paused } => {
                self.set_paused(*producer_id, *paused);
                !paused
            }
            RosterEvent::TrackRemoved { producer_id } => {
                self.tracks.remove(*producer_id);
                self.paused.remove(producer_id);
                false
            }
            RosterEvent::Joined { .. } | RosterEvent::Left { .. } => false,
        };
        records.push(Record::Roster { at: self.since_start(now), event });
        if flows_now {
            self.release(records);
        }
    }

    /// Forgets what has waited too long: nobody will say whose it is.
    pub(super) fn give_up(&mut self, now: Instant) {
        let has_expired = |event: &mut TapEvent| now.saturating_duration_since(arrival_of(event)) > PATIENCE;
        while self.held.pop_front_if(has_expired).is_some() {}
    }

    fn set_paused(&mut self, producer: ProducerId, paused: bool) {
        if paused {
            self.paused.insert(producer);
        } else {
            self.paused.remove(&producer);
        }
    }

    fn flowing(&self, producer: ProducerId) -> Option<TrackIndex> {
        self.tracks.get(producer).filter(|_| !self.paused.contains(&producer))
    }

    fn hold(&mut self, event: TapEvent) {
        if self.held.len() == HELD_MAX {
            self.held.pop_front();
            self.missed += 1;
        }
        self.held.push_back(event);
    }

    fn release(&mut self, records: &mut Vec<Record>) {
        for event in std::mem::take(&mut self.held) {
            match self.flowing(producer_of(&event)) {
                Some(track) => records.push(self.record(event, track)),
                None => self.held.push_back(event),
            }
        }
    }

    fn record(&self, event: TapEvent, track: TrackIndex) -> Record {
        match event {
            TapEvent::Packet(packet) => {
                let TapPacket { arrival, encoding, sequence, timestamp, marker, is_key_frame, .. } = packet;
                let TapPacket { rotation, payload, .. } = packet;
                let at = self.since_start(arrival);
                let logged = LoggedPacket {
                    at,
                    track,
                    encoding,
                    sequence,
                    timestamp,
                    marker,
                    is_key_frame,
                    rotation,
                    payload,
                };
                Record::Packet(logged)
            }
            TapEvent::SenderReport(report) => {
                let TapSenderReport { arrival, encoding, ntp, rtp_timestamp, .. } = report;
                let at = self.since_start(arrival);
                Record::SenderReport(LoggedSenderReport { at, track, encoding, ntp, rtp_timestamp })
            }
        }
    }
}

fn producer_of(event: &TapEvent) -> ProducerId {
    match event {
        TapEvent::Packet(packet) => packet.producer_id,
        TapEvent::SenderReport(report) => report.producer_id,
    }
}

fn arrival_of(event: &TapEvent) -> Instant {
    match event {
        TapEvent::Packet(packet) => packet.arrival,
        TapEvent::SenderReport(report) => report.arrival,
    }
}

//! A participant's end: roster, packets, sender reports.

use std::io;

use mediasoup_core::{
    ids::{ParticipantId, ProducerId},
    media::rtp::MediaKind,
    recording::{
        RosterEvent, Track, TrackCodec,
        log::{LoggedPacket, LoggedSenderReport, Record},
    },
};
use rand::{RngExt, rngs::StdRng};

use super::{Actor, network::Way, roster, time};
use crate::media::Clip;

/// Seconds between two sender reports of a stream.
const REPORT_EVERY: f64 = 1.0;
/// Seconds on the sender's clock until the first.
const REPORT_FIRST: f64 = 0.5;

/// An actor at work. It has two tracks: sound, then pictures.
pub(super) struct Sender<'a> {
    actor: &'a Actor,
    index: u32,
    /// When it stops to send.
    until: f64,
    audio: Clip,
    video: Clip,
}

impl<'a> Sender<'a> {
    pub(super) fn new(actor: &'a Actor, index: u32, until: f64) -> io::Result<Self> {
        Ok(Self {
            actor,
            index,
            until: until.min(actor.leaves),
            audio: Clip::beacon_sound(actor.beacon)?,
            video: Clip::beacon_picture(actor.beacon, &actor.shot)?,
        })
    }

    pub(super) fn send(&self, random: &mut StdRng, records: &mut Vec<Record>) {
        self.take_part(records);
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let (timestamp, sequence) = (random.random(), u64::from(random.random::<u16>()));
            self.send_packets(kind, timestamp, sequence, random, records);
            self.send_reports(kind, timestamp, records);
        }
    }

    fn take_part(&self, records: &mut Vec<Record>) {
        let Actor { beacon, joins, muted, .. } = self.actor;
        let joined = RosterEvent::Joined { participant_id: self.participant(), name: beacon.name.to_owned() };
        let tracks =
            [MediaKind::Audio, MediaKind::Video].map(|kind| RosterEvent::TrackAdded(self.track(kind)));
        records.extend([joined].into_iter().chain(tracks).map(|event| roster(*joins, event)));
        let producer_id = self.producer(MediaKind::Audio);
        for (at, paused) in muted.iter().flat_map(|(from, to)| [(*from, true), (*to, false)]) {
            records.push(roster(at, RosterEvent::TrackPaused { producer_id, paused }));
        }
        if self.actor.leaves.is_finite() {
            let removed = [MediaKind::Audio, MediaKind::Video]
                .map(|kind| RosterEvent::TrackRemoved { producer_id: self.producer(kind) });
            let left = RosterEvent::Left { participant_id: self.participant() };
            let events = removed.into_iter().chain([left]);
            records.extend(events.map(|event| roster(self.actor.leaves, event)));
        }
    }

    fn send_packets(
        &self,
        kind: MediaKind,
        timestamp: u32,
        mut sequence: u64,
        random: &mut StdRng,
        records: &mut Vec<Record>,
    ) {
        let clip = self.clip(kind);
        let mut way = Way::new(self.network(kind));
        let muted = self.actor.muted.filter(|_| kind == MediaKind::Audio);
        for frame in 0.. {
            let content = frame as f64 / f64::from(clip.frames_per_second());
            let sent = self.real(self.actor.clocks.system(content));
            if sent >= self.until {
                break;
            }
            let (packets, is_key_frame) = clip.frame(frame);
            for (index, payload) in packets.iter().enumerate() {
                sequence += 1;
                let arrival = way.arrival(random, sent, frame % clip.len());
                let heard = |at: &f64| !muted.is_some_and(|(from, to)| (from..to).contains(at));
                let Some(at) = arrival.filter(heard) else { continue };
                records.push(Record::Packet(LoggedPacket {
                    at: time(at),
                    track: self.track_index(kind),
                    encoding: 0,
                    sequence,
                    timestamp: timestamp.wrapping_add(self.ticks(kind, content)),
                    marker: kind == MediaKind::Video && index + 1 == packets.len(),
                    is_key_frame: kind == MediaKind::Video && is_key_frame && index == 0,
                    rotation: None,
                    payload: payload[..].into(),
                }));
            }
        }
    }

    fn send_reports(&self, kind: MediaKind, timestamp: u32, records: &mut Vec<Record>) {
        for report in 0.. {
            let system = REPORT_FIRST + f64::from(report) * REPORT_EVERY;
            let sent = self.real(system);
            if sent >= self.until {
                break;
            }
            let since_1900 = 3_900_000_000.0 + system;
            let content = self.actor.clocks.content(system);
            records.push(Record::SenderReport(LoggedSenderReport {
                at: time(sent + self.network(kind).delay),
                track: self.track_index(kind),
                encoding: 0,
                ntp: (since_1900 * 2f64.powi(32)) as u64,
                rtp_timestamp: timestamp.wrapping_add(self.ticks(kind, content)),
            }));
        }
    }

    /// RTP ticks since the first packet: pictures are stamped by the computer's clock, sound by its own.
    fn ticks(&self, kind: MediaKind, content: f64) -> u32 {
        let seconds = match kind {
            MediaKind::Audio => content,
            MediaKind::Video => self.actor.clocks.system(content),
        };
        (seconds * f64::from(self.clip(kind).clock_rate())).round() as u64 as u32
    }

    fn real(&self, system: f64) -> f64 {
        self.actor.joins + self.actor.clocks.real(system)
    }

    fn clip(&self, kind: MediaKind) -> &Clip {
        match kind {
            MediaKind::Audio => &self.audio,
            MediaKind::Video => &self.video,
        }
    }

    fn network(&self, kind: MediaKind) -> super::Network {
        match kind {
            MediaKind::Audio => self.actor.audio,
            MediaKind::Video => self.actor.video,
        }
    }

    fn track_index(&self, kind: MediaKind) -> u32 {
        self.index * 2 + u32::from(kind == MediaKind::Video)
    }

    fn producer(&self, kind: MediaKind) -> ProducerId {
        ProducerId::from_u128(u128::from(self.track_index(kind)) + 1)
    }

    fn participant(&self) -> ParticipantId {
        self.actor.beacon.name.parse().expect("it is a valid id")
    }

    fn track(&self, kind: MediaKind) -> Track {
        let (mime_type, payload_type) = match kind {
            MediaKind::Audio => ("audio/opus", 100),
            MediaKind::Video => (self.actor.shot.codec.mime_type(), 101),
        };
        Track {
            producer_id: self.producer(kind),
            participant_id: self.participant(),
            kind,
            codec: TrackCodec {
                mime_type: mime_type.to_owned(),
                clock_rate: self.clip(kind).clock_rate(),
                payload_type,
            },
            is_screen: false,
            paused: false,
        }
    }
}

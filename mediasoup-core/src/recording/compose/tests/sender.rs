//! People who flash and beep once a second.

use std::time::Duration;

use super::fake::{MARKED, PACKET, PLAIN, audio_payload, video_payload};
use crate::{
    ids::ProducerId,
    media::rtp::MediaKind,
    recording::{
        log::{LoggedPacket, LoggedSenderReport, Record},
        roster::{RosterEvent, Track, TrackCodec},
    },
};

pub(super) fn time(seconds: f64) -> Duration {
    // As precise as a log.
    Duration::from_micros((seconds.max(0.0) * 1e6).round() as u64)
}

/// A number from 0 to 1 that is always the same for the same `seed`.
pub(super) fn chance(seed: u64) -> f64 {
    let mixed = (seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 29).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ mixed >> 32) as u32 as f64 / f64::from(u32::MAX)
}

pub(super) fn producer(track: u32) -> ProducerId {
    ProducerId::from_u128(u128::from(track) + 1)
}

pub(super) fn roster(at: f64, event: RosterEvent) -> Record {
    Record::Roster { at: time(at), event }
}

pub(super) fn joined(at: f64, name: &str) -> Record {
    roster(at, RosterEvent::Joined { participant_id: name.parse().unwrap(), name: name.to_owned() })
}

pub(super) fn left(at: f64, name: &str) -> Record {
    roster(at, RosterEvent::Left { participant_id: name.parse().unwrap() })
}

pub(super) fn paused(at: f64, track: u32, paused: bool) -> Record {
    roster(at, RosterEvent::TrackPaused { producer_id: producer(track), paused })
}

pub(super) fn removed(at: f64, track: u32) -> Record {
    roster(at, RosterEvent::TrackRemoved { producer_id: producer(track) })
}

/// The `track`-th track to be added.
pub(super) fn added(at: f64, name: &str, track: u32, mime_type: &str) -> Record {
    let (kind, clock_rate) =
        if mime_type.starts_with("audio") { (MediaKind::Audio, 48_000) } else { (MediaKind::Video, 90_000) };
    let codec = TrackCodec {
        mime_type: mime_type.trim_end_matches("+screen").to_owned(),
        clock_rate,
        payload_type: 96,
    };
    roster(
        at,
        RosterEvent::TrackAdded(Track {
            producer_id: producer(track),
            participant_id: name.parse().unwrap(),
            kind,
            codec,
            is_screen: mime_type.ends_with("+screen"),
            paused: false,
        }),
    )
}

/// How a track is sent: what its sender and the network do to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
    pub(super) track: u32,
    pub(super) encoding: u8,
    /// Seconds on the recording's timeline.
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) delay: f64,
    pub(super) jitter: f64,
    /// When reports begin, and how often there is one.
    pub(super) reports_from: f64,
    pub(super) report_interval: f64,
    /// How much too fast the clock of the timestamps is, and that of the reports.
    pub(super) drift: f64,
    pub(super) ntp_drift: f64,
    /// Share of the packets that is lost at first, and how long repair takes; or how many come out of order or twice.
    pub(super) loss: f64,
    pub(super) repair: Option<f64>,
    pub(super) disorder: f64,
    /// Frames from key frame to key frame.
    pub(super) key_interval: u32,
}

impl Sending {
    pub(super) fn new(track: u32, from: f64, to: f64) -> Self {
        Self {
            track,
            encoding: 0,
            from,
            to,
            delay: 0.03,
            jitter: 0.01,
            reports_from: from,
            report_interval: 1.0,
            drift: 0.0,
            ntp_drift: 0.0,
            loss: 0.0,
            repair: None,
            disorder: 0.0,
            key_interval: u32::MAX,
        }
    }

    fn seed(&self, number: u64) -> u64 {
        number * 4 + (u64::from(self.track) << 40) + (u64::from(self.encoding) << 56)
    }

    fn arrival(&self, sent: f64, number: u64) -> f64 {
        sent + self.delay + self.jitter * chance(self.seed(number))
    }

    fn reports(&self, clock_rate: f64, records: &mut Vec<Record>) {
        let mut sent = self.reports_from + 0.3 * self.report_interval;
        while sent < self.to {
            records.push(Record::SenderReport(LoggedSenderReport {
                at: time(self.arrival(sent, (sent * 1000.0) as u64)),
                track: self.track,
                encoding: self.encoding,
                ntp: ((3_000_000_000.0 + sent * (1.0 + self.ntp_drift)) * 4_294_967_296.0) as u64,
                rtp_timestamp: self.timestamp(sent, clock_rate),
            }));
            sent += self.report_interval;
        }
    }

    fn timestamp(&self, sent: f64, clock_rate: f64) -> u32 {
        let start = 4_294_000_000 - u64::from(self.track) * 1000;
        start.wrapping_add((sent * clock_rate * (1.0 + self.drift)).round() as u64) as u32
    }

    fn send(&self, packet: LoggedPacket, sent: f64, records: &mut Vec<Record>) {
        let seed = self.seed(packet.sequence);
        let mut arrival = self.arrival(sent, packet.sequence);
        if chance(seed + 1) < self.loss {
            let Some(repair) = self.repair else { return };
            arrival += repair * (0.5 + chance(seed + 2));
        }
        if chance(seed + 3) < self.disorder {
            records.push(Record::Packet(LoggedPacket { at: time(arrival), ..packet.clone() }));
            arrival += 0.07;
        }
        records.push(Record::Packet(LoggedPacket { at: time(arrival), ..packet }));
    }

    /// 30 frames a second in two packets each, the one at each full second marked.
    pub(super) fn video(&self) -> Vec<Record> {
        let mut records = Vec::new();
        let first = (self.from * 30.0).round() as u32;
        for frame in first..(self.to * 30.0).round() as u32 {
            let sent = f64::from(frame) / 30.0;
            let kind = if frame % 30 == 0 { MARKED } else { PLAIN };
            for half in 0..2 {
                let packet = LoggedPacket {
                    at: Duration::ZERO,
                    track: self.track,
                    encoding: self.encoding,
                    sequence: 1000 + u64::from(frame) * 2 + half,
                    timestamp: self.timestamp(sent, 90_000.0),
                    marker: half == 1,
                    is_key_frame: (frame - first).is_multiple_of(self.key_interval) && half == 0,
                    rotation: None,
                    payload: video_payload(kind, self.encoding),
                };
                self.send(packet, sent, &mut records);
            }
        }
        self.reports(90_000.0, &mut records);
        records
    }

    /// Packets of 20 ms, with an impulse at each full second, and else all samples of `value`.
    pub(super) fn audio(&self, value: i16) -> Vec<Record> {
        let mut records = Vec::new();
        let rate = 48_000.0 * (1.0 + self.drift);
        for number in 0.. {
            let sent = self.from + (number * PACKET as u64) as f64 / rate;
            if sent >= self.to {
                break;
            }
            let second = (sent - 0.5 / rate).ceil();
            let impulse = ((second - sent) * rate).round() as usize;
            let kind = if impulse < PACKET { MARKED } else { PLAIN };
            let packet = LoggedPacket {
                at: Duration::ZERO,
                track: self.track,
                encoding: 0,
                sequence: 70_000 + number,
                timestamp: self.timestamp(self.from, 48_000.0).wrapping_add(number as u32 * PACKET as u32),
                marker: number == 0,
                is_key_frame: true,
                rotation: None,
                payload: audio_payload(kind, impulse as u16, value),
            };
            self.send(packet, sent + 0.02, &mut records);
        }
        self.reports(48_000.0, &mut records);
        records
    }
}

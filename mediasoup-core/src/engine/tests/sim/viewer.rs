//! A viewer: asks for what it misses, and tells of its path what it has negotiated to tell.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{super::*, sender};
use crate::{
    engine::{
        feedback::WideCcReceiver,
        rtcp::{ReportBlock, write_nack, write_pli, write_receiver_report},
        rtp::Unwrapper,
    },
    ids::{ConsumerId, ProducerId},
    media::{
        port::ConsumeRequest,
        rtp::{MediaKind, RtpType},
    },
};

pub(super) const AUDIO_SSRC: u32 = 6000;
const SEND_TIME_URI: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
const NACK_INTERVAL: Duration = Duration::from_millis(100);
const NACKS_MAX: u32 = 10;
const REPORT_INTERVAL: Duration = Duration::from_millis(500);

/// What a viewer tells of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// When each packet arrived.
    Arrivals,
    /// Receiver reports only.
    Reports,
}

pub(super) fn video(tells: Tells) -> ConsumeRequest {
    let mut request = ConsumeRequest {
        rtp_type: RtpType::Simulcast,
        mapped_ssrcs: vec![5000, 5001, 5002],
        ..video_consumer(20, sender::VIDEO)
    };
    let extensions = match tells {
        Tells::Arrivals => json!([{"uri": WIDE_CC_URI, "id": 5}, {"uri": SEND_TIME_URI, "id": 4}]),
        Tells::Reports => json!([]),
    };
    request.rtp_parameters.header_extensions = serde_json::from_value(extensions).unwrap();
    request
}

pub(super) fn audio() -> ConsumeRequest {
    ConsumeRequest {
        id: ConsumerId::from_u128(21),
        producer_id: ProducerId::from_u128(sender::AUDIO),
        kind: MediaKind::Audio,
        rtp_type: RtpType::Simple,
        rtp_parameters: parameters(json!({
            "mid": "8",
            "codecs": [{"mimeType": "audio/opus", "payloadType": 100, "clockRate": 48000, "channels": 2}],
            "encodings": [{"ssrc": AUDIO_SSRC}],
        })),
        ..video_consumer(21, sender::AUDIO)
    }
}

struct Missing {
    asked: u32,
    next_at: Instant,
}

pub(super) struct Viewer {
    tells: Tells,
    start: Instant,
    wide_cc: WideCcReceiver,
    line: Unwrapper,
    newest: Option<u64>,
    missing: BTreeMap<u64, Missing>,
    received: u32,
    expected_from: u64,
    next_report: Instant,
    next_nack: Instant,
    /// What goes out now.
    pub(super) rtcp: Vec<Vec<u8>>,
    pub(super) sounds: u64,
}

impl Viewer {
    pub(super) fn new(start: Instant, tells: Tells) -> Self {
        Self {
            tells,
            start,
            wide_cc: WideCcReceiver::default(),
            line: Unwrapper::default(),
            newest: None,
            missing: BTreeMap::new(),
            received: 0,
            expected_from: 0,
            next_report: start,
            next_nack: start,
            rtcp: vec![],
            sounds: 0,
        }
    }

    pub(super) fn on_rtp(&mut self, now: Instant, bytes: &[u8]) {
        let packet = RtpPacket::parse(bytes).unwrap();
        if self.tells == Tells::Arrivals
            && let Some((_, number)) = packet.extensions.iter().find(|(id, _)| *id == 5)
        {
            let number = u16::from_be_bytes(number.try_into().unwrap());
            self.wide_cc.on_packet(now, now - self.start, number, packet.ssrc);
        }
        match packet.ssrc {
            CONSUMER_SSRC => self.on_video(now, packet.sequence_number),
            CONSUMER_RTX_SSRC => {
                let number = u16::from_be_bytes(*packet.payload.first_chunk().unwrap());
                let sequence = Unwrapper::near(self.newest.unwrap(), number);
                self.missing.remove(&sequence);
            }
            AUDIO_SSRC => self.sounds += 1,
            _ => {}
        }
    }

    fn on_video(&mut self, now: Instant, number: u16) {
        let sequence = self.line.unwrap(number);
        self.received += 1;
        match self.newest {
            None => self.expected_from = sequence,
            Some(newest) if sequence > newest => {
                for lost in newest + 1..sequence {
                    self.missing.insert(lost, Missing { asked: 0, next_at: now + Duration::from_millis(10) });
                }
            }
            Some(_) => {
                self.missing.remove(&sequence);
                return;
            }
        }
        self.newest = Some(sequence);
    }

    pub(super) fn run(&mut self, now: Instant) {
        let Self { wide_cc, rtcp, .. } = self;
        wide_cc.write_due(now, |write| {
            let mut buffer = Vec::new();
            write(&mut buffer);
            rtcp.push(buffer);
        });
        self.ask(now);
        if self.next_report <= now {
            self.next_report = now + REPORT_INTERVAL;
            self.report();
        }
    }

    fn ask(&mut self, now: Instant) {
        if self.next_nack > now {
            return;
        }
        self.next_nack = now + Duration::from_millis(20);
        let mut lost = Vec::new();
        let mut gave_up = false;
        self.missing.retain(|sequence, missing| {
            if missing.next_at <= now {
                missing.asked += 1;
                missing.next_at = now + NACK_INTERVAL;
                lost.push(*sequence as u16);
            }
            gave_up |= missing.asked > NACKS_MAX;
            missing.asked <= NACKS_MAX
        });
        let mut compound = Vec::new();
        if !lost.is_empty() {
            write_nack(&mut compound, CONSUMER_SSRC, &lost);
        }
        if gave_up {
            write_pli(&mut compound, CONSUMER_SSRC);
        }
        if !compound.is_empty() {
            self.rtcp.push(compound);
        }
    }

    fn report(&mut self) {
        let Some(newest) = self.newest else { return };
        let expected = (newest + 1).saturating_sub(self.expected_from) as u32;
        let lost = expected.saturating_sub(self.received);
        let fraction_lost = (256 * lost).checked_div(expected).unwrap_or(0).min(255) as u8;
        let block = ReportBlock {
            ssrc: CONSUMER_SSRC,
            fraction_lost,
            total_lost: 0,
            highest_sequence_number: newest as u32,
            jitter: 0,
            last_sender_report: 0,
            delay: 0,
        };
        (self.received, self.expected_from) = (0, newest + 1);
        let mut compound = Vec::new();
        write_receiver_report(&mut compound, &[block]);
        self.rtcp.push(compound);
    }
}

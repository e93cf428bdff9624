//! Who is heard, of packets with levels.

use serde_json::json;

use super::*;
use crate::{
    engine::{
        rtp::ExtensionValue,
        world::video::{AUDIO_LEVEL_URI, mapping, parameters},
    },
    ids::{ProducerId, RtpObserverId},
    media::{
        error::ObserverError,
        event::AudioLevel,
        options::{ActiveSpeakerObserverOptions, AudioLevelObserverOptions, RtpObserverOptions},
        port::ProduceRequest,
        rtp::{MediaKind, RtpType},
    },
};

const LEVELS: RtpObserverId = RtpObserverId::from_u128(100);
const SPEAKERS: RtpObserverId = RtpObserverId::from_u128(101);
/// RFC 6464: a voice, and a quiet room.
const VOICE: u8 = 25;
const QUIET: u8 = 110;

/// Opus whose sender states its level under id 3. The producer's number is its SSRC.
fn audio_producer(number: u32) -> ProduceRequest {
    ProduceRequest {
        id: ProducerId::from_u128(number.into()),
        kind: MediaKind::Audio,
        rtp_type: RtpType::Simple,
        rtp_parameters: parameters(json!({
            "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2}],
            "headerExtensions": [{"uri": AUDIO_LEVEL_URI, "id": 3}],
            "encodings": [{"ssrc": number}],
        })),
        mapping: mapping(&[(111, 100)]),
        key_frame_request_delay: Duration::ZERO,
        paused: false,
    }
}

/// Two who talk, and both observers.
struct Talk {
    world: World,
    senders: [(Tuple, ProducerId, u32); 2],
    sent: u16,
}

impl Talk {
    fn new() -> Self {
        let mut world = World::new();
        let levels = RtpObserverOptions::AudioLevel(AudioLevelObserverOptions::default());
        let speakers = RtpObserverOptions::ActiveSpeaker(ActiveSpeakerObserverOptions::default());
        for (id, options) in [(LEVELS, levels), (SPEAKERS, speakers)] {
            world.engine.create_observer(ROUTER, id, &options).unwrap();
        }
        let senders = [1, 2].map(|number: u32| {
            let tuple = world.client(number as u16);
            world.produce(tuple, audio_producer(number));
            let id = ProducerId::from_u128(number.into());
            for observer in [LEVELS, SPEAKERS] {
                world.engine.observe_producer(world.now, observer, id).unwrap();
                world.engine.observe_producer(world.now, observer, id).unwrap();
            }
            (tuple, id, number)
        });
        Self { world, senders, sent: 0 }
    }

    /// Everyone sends a packet every 20 ms at these levels. Gives what was told of them.
    fn pass(&mut self, ms: u64, levels: [u8; 2]) -> Vec<RouterEvent> {
        self.world.events.clear();
        for _ in 0..ms / 20 {
            self.world.advance(Duration::from_millis(20));
            self.sent += 1;
            for ((tuple, _, ssrc), level) in self.senders.into_iter().zip(levels) {
                let header = Header {
                    marker: false,
                    payload_type: 111,
                    sequence_number: self.sent,
                    timestamp: u32::from(self.sent) * 960,
                    ssrc,
                };
                let mut packet = Vec::new();
                // With the bit that says "voice".
                let extension = ExtensionValue { id: 3, value: &[0x80 | level] };
                write_packet(&mut packet, &header, &[extension], &[b"opus"]);
                self.world.send_rtp(tuple, packet);
            }
        }
        self.told()
    }

    fn told(&mut self) -> Vec<RouterEvent> {
        let is_of_observers = |event: &RouterEvent| {
            use RouterEvent::{AudioLevels, DominantSpeaker, Silence};
            matches!(event, AudioLevels(..) | DominantSpeaker(..) | Silence(..))
        };
        std::mem::take(&mut self.world.events).into_iter().filter(is_of_observers).collect()
    }

    fn id(&self, index: usize) -> ProducerId {
        self.senders[index].1
    }
}

fn dominant(events: &[RouterEvent]) -> Vec<ProducerId> {
    let dominant = |event: &RouterEvent| match event {
        RouterEvent::DominantSpeaker(SPEAKERS, id) => Some(*id),
        _ => None,
    };
    events.iter().filter_map(dominant).collect()
}

#[test]
fn levels_are_told_each_second_and_silence_once() {
    let mut talk = Talk::new();
    let heard = AudioLevel { producer_id: talk.id(1), volume: -25 };
    let told = talk.pass(3_500, [QUIET, VOICE]);
    let levels: Vec<_> =
        told.into_iter().filter(|event| matches!(event, RouterEvent::AudioLevels(..))).collect();
    assert_eq!(levels, vec![RouterEvent::AudioLevels(LEVELS, vec![heard]); 3]);
    let told = talk.pass(4_000, [QUIET, QUIET]);
    assert_eq!(told.iter().filter(|event| **event == RouterEvent::Silence(LEVELS)).count(), 1);
}

#[test]
fn who_speaks_is_told_within_a_second() {
    let mut talk = Talk::new();
    let ids = [talk.id(0), talk.id(1)];
    assert_eq!(dominant(&talk.pass(3_000, [QUIET, QUIET])), [ids[0]], "somebody is better than nobody");
    assert_eq!(dominant(&talk.pass(1_000, [QUIET, VOICE])), [ids[1]]);
    assert_eq!(dominant(&talk.pass(3_000, [QUIET, QUIET])), []);
    talk.world.engine.close_producer(talk.world.now, ids[1]);
    talk.world.advance(Duration::from_millis(1));
    assert_eq!(dominant(&talk.told()), [ids[0]]);
}

#[test]
fn what_nobody_is_heard_in_costs_no_timer() {
    let mut talk = Talk::new();
    let due = |talk: &Talk| talk.world.engine.observers.next_due();
    talk.pass(2_000, [QUIET, VOICE]);
    assert!(due(&talk).is_some());
    talk.world.advance(Duration::from_secs(3));
    assert_eq!(due(&talk), None);
    talk.pass(20, [QUIET, VOICE]);
    assert!(due(&talk).is_some());
    talk.world.engine.close_router(talk.world.now, ROUTER);
    assert_eq!(due(&talk), None);
}

#[test]
fn paused_producers_and_paused_observers_are_not_heard() {
    let mut talk = Talk::new();
    let id = talk.id(1);
    talk.world.engine.pause_producer(talk.world.now, id, true).unwrap();
    let told = talk.pass(2_000, [QUIET, VOICE]);
    assert_eq!(told, [RouterEvent::DominantSpeaker(SPEAKERS, talk.id(0))]);
    talk.world.engine.pause_producer(talk.world.now, id, false).unwrap();
    talk.pass(200, [QUIET, QUIET]);
    assert_eq!(dominant(&talk.pass(2_000, [QUIET, VOICE])), [id]);
    for observer in [LEVELS, SPEAKERS] {
        talk.world.engine.pause_observer(talk.world.now, observer, true).unwrap();
    }
    talk.world.run();
    assert_eq!(talk.told(), [RouterEvent::Silence(LEVELS)]);
    assert_eq!(talk.pass(2_000, [VOICE, QUIET]), []);
    for observer in [LEVELS, SPEAKERS] {
        talk.world.engine.pause_observer(talk.world.now, observer, false).unwrap();
    }
    assert_eq!(dominant(&talk.pass(2_000, [VOICE, QUIET])), [talk.id(0)]);
}

#[test]
fn only_audio_of_the_same_router_is_listened_to() {
    let mut talk = Talk::new();
    let (id, now) = (talk.id(0), talk.world.now);
    talk.world.produce(talk.senders[0].0, video_producer(10));
    let engine = &mut talk.world.engine;
    let video = ProducerId::from_u128(10);
    assert!(matches!(engine.observe_producer(now, LEVELS, video), Err(ObserverError::NotAudio(_))));
    let other = RtpObserverId::from_u128(9);
    assert!(matches!(engine.observe_producer(now, other, id), Err(ObserverError::NotFound(_))));
    engine.create_router(RouterId::from_u128(77));
    let options = RtpObserverOptions::AudioLevel(AudioLevelObserverOptions::default());
    engine.create_observer(RouterId::from_u128(77), other, &options).unwrap();
    assert!(matches!(engine.observe_producer(now, other, id), Err(ObserverError::ProducerNotFound(_))));
    engine.unobserve_producer(now, LEVELS, id).unwrap();
    engine.close_observer(SPEAKERS);
    engine.close_observer(other);
    assert_eq!(talk.pass(2_000, [VOICE, QUIET]), []);
}

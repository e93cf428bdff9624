//! A sender with several encodings of one track, and who gets which.

use serde_json::json;

use super::*;
use crate::{
    engine::rtcp::{Packet, SenderInfo, packets, write_nack, write_sender_report},
    ids::{ConsumerId, ProducerId},
    media::{
        event::{ConsumerLayers, RouterEvent},
        port::{ConsumeRequest, ProduceRequest},
        rtp::RtpType,
    },
};

const SSRCS: [u32; 3] = [3000, 3001, 3002];
const FRAME: Duration = Duration::from_millis(33);

fn producer() -> ProduceRequest {
    let simple = video_producer(10);
    let mut rtp_parameters = simple.rtp_parameters.clone();
    rtp_parameters.encodings = SSRCS
        .iter()
        .map(|ssrc| serde_json::from_value(json!({"ssrc": ssrc, "rtx": {"ssrc": ssrc + 100}})).unwrap())
        .collect();
    let mapping = serde_json::from_value(json!({
        "codecs": [
            {"payloadType": 96, "mappedPayloadType": 101},
            {"payloadType": 97, "mappedPayloadType": 102},
        ],
        "encodings": [{"mappedSsrc": 5000}, {"mappedSsrc": 5001}, {"mappedSsrc": 5002}],
    }));
    ProduceRequest { rtp_type: RtpType::Simulcast, rtp_parameters, mapping: mapping.unwrap(), ..simple }
}

fn consumer() -> ConsumeRequest {
    ConsumeRequest {
        rtp_type: RtpType::Simulcast,
        mapped_ssrcs: vec![5000, 5001, 5002],
        ..video_consumer(20, 10)
    }
}

/// What a viewer got of a packet.
#[derive(Clone, Copy, Debug)]
struct Seen {
    sequence_number: u16,
    timestamp: u32,
    picture_id: u16,
    base_layer: u8,
    encoding: u8,
}

impl Seen {
    fn of(bytes: &[u8], prefix_len: usize) -> Self {
        let packet = RtpPacket::parse(bytes).unwrap();
        let payload = &packet.payload[prefix_len..];
        Self {
            sequence_number: packet.sequence_number,
            timestamp: packet.timestamp,
            picture_id: u16::from_be_bytes([payload[2] & 0x7F, payload[3]]),
            base_layer: payload[4],
            encoding: payload[7],
        }
    }
}

/// A sender whose encodings count frames and timestamps each from somewhere else.
struct Call {
    world: World,
    sender: Tuple,
    viewer: Tuple,
    frame: u16,
    wants_key_frame: [bool; 3],
}

impl Call {
    fn new() -> Self {
        let mut world = World::new();
        let (sender, viewer) = (world.client(1), world.client(2));
        world.produce(sender, producer());
        world.consume(viewer, consumer());
        Self { world, sender, viewer, frame: 0, wants_key_frame: [true; 3] }
    }

    /// One frame of three packets of each of these encodings; key frames where they were asked for.
    fn frame(&mut self, encodings: std::ops::Range<usize>) {
        for compound in self.world.take_rtcp(self.sender) {
            packets(&compound, |packet| {
                if let Packet::Pli { media_ssrc } = packet {
                    let encoding = SSRCS.iter().position(|ssrc| *ssrc == media_ssrc).unwrap();
                    self.wants_key_frame[encoding] = true;
                }
            });
        }
        for encoding in encodings {
            let is_key = std::mem::take(&mut self.wants_key_frame[encoding]);
            self.send(encoding, is_key);
        }
        self.frame += 1;
        self.world.advance(FRAME);
    }

    fn send(&mut self, encoding: usize, is_key: bool) {
        let number = self.frame + 1_000 * encoding as u16;
        for part in 0..3 {
            let header = Header {
                marker: part == 2,
                payload_type: 96,
                sequence_number: number.wrapping_mul(3) + part,
                timestamp: Self::timestamp(encoding, self.frame),
                ssrc: SSRCS[encoding],
            };
            // With a picture id of 15 bits, TL0PICIDX and TID.
            let first_byte = if part == 0 { 0x90 } else { 0x80 };
            let id = (number | 0x8000).to_be_bytes();
            let tag = u8::from(!is_key);
            let payload = [first_byte, 0xE0, id[0], id[1], number as u8, 0, tag, encoding as u8];
            let mut packet = Vec::new();
            write_packet(&mut packet, &header, &[], &[&payload]);
            self.world.send_rtp(self.sender, packet);
        }
    }

    fn frames(&mut self, count: usize, encodings: std::ops::Range<usize>) {
        for _ in 0..count {
            self.frame(encodings.clone());
        }
    }

    /// The viewer has got to the best, and the sender has reported on each.
    fn warm_up(&mut self) {
        self.frames(20, 0..3);
        self.report();
        self.frames(20, 0..3);
        assert_eq!(self.seen().last().unwrap().encoding, 2);
    }

    fn timestamp(encoding: usize, frame: u16) -> u32 {
        u32::from(frame) * 2_970 + 1_000_000 * encoding as u32
    }

    fn report(&mut self) {
        for (encoding, ssrc) in SSRCS.into_iter().enumerate() {
            let ntp = NtpTime::from_duration(FRAME * u32::from(self.frame));
            let rtp_timestamp = Self::timestamp(encoding, self.frame);
            let info = SenderInfo { ssrc, ntp, rtp_timestamp, packet_count: 1, byte_count: 1 };
            self.world.send_rtcp(self.sender, |buffer| write_sender_report(buffer, &info));
        }
    }

    fn prefer(&mut self, spatial_layer: u8) -> u8 {
        let layers = ConsumerLayers { spatial_layer, temporal_layer: None };
        let id = ConsumerId::from_u128(20);
        let layers = self.world.engine.set_preferred_layers(self.world.now, id, layers).unwrap();
        self.world.run();
        layers.spatial_layer
    }

    fn seen(&mut self) -> Vec<Seen> {
        self.world.take_rtp(self.viewer).iter().map(|bytes| Seen::of(bytes, 0)).collect()
    }

    fn told(&self) -> Vec<u8> {
        let layers = self.world.events.iter().filter_map(|event| match event {
            RouterEvent::ConsumerLayers(_, layers) => layers.map(|layers| layers.spatial_layer),
            _ => None,
        });
        layers.collect()
    }
}

/// One stream to whoever looks: nothing missing, nothing twice, time goes on by a frame, pictures by one.
fn assert_one_stream(seen: &[Seen]) {
    for pair in seen.windows(2) {
        let [last, next] = pair else { unreachable!() };
        assert_eq!(next.sequence_number, last.sequence_number.wrapping_add(1));
        let is_same = next.timestamp == last.timestamp;
        let is_switch = next.encoding != last.encoding;
        // The frame at which it switches may be there in both encodings.
        let passed = next.timestamp.wrapping_sub(last.timestamp);
        assert!(is_same || passed == 2_970 || is_switch && passed == 1, "{last:?} then {next:?}");
        let step = u8::from(!is_same);
        assert_eq!(next.picture_id, last.picture_id.wrapping_add(step.into()) & 0x7FFF);
        assert_eq!(next.base_layer, last.base_layer.wrapping_add(step));
    }
}

fn encodings(seen: &[Seen]) -> Vec<u8> {
    let mut encodings: Vec<_> = seen.iter().map(|packet| packet.encoding).collect();
    encodings.dedup();
    encodings
}

#[test]
fn a_viewer_gets_the_best_and_switches_without_a_seam() {
    let mut call = Call::new();
    call.warm_up();
    call.frames(10, 0..3);
    call.prefer(0);
    call.frames(40, 0..3);
    assert_eq!(call.prefer(9), 2, "the highest there is");
    call.frames(40, 0..3);
    let seen = call.seen();
    assert_eq!(encodings(&seen), [2, 0, 2]);
    assert_one_stream(&seen);
    assert_eq!(call.told().split_at(call.told().len() - 3).1, [2, 0, 2]);
}

#[test]
fn an_encoding_that_stops_is_left_for_a_lower_one_and_taken_up_again() {
    let mut call = Call::new();
    call.warm_up();
    call.frames(10, 0..3);
    call.frames(120, 0..2);
    call.frames(60, 0..3);
    let seen = call.seen();
    assert_eq!(encodings(&seen), [2, 1, 2]);
    let stall = seen.windows(2).map(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp)).max().unwrap();
    assert!(stall < 3 * 90_000, "{stall}");
}

#[test]
fn layers_are_dumped_as_they_are_wanted_aimed_at_and_sent() {
    let mut call = Call::new();
    let layers = |call: &Call| {
        let state = call.world.engine.consumer_state(ConsumerId::from_u128(20)).unwrap();
        let layers = state.layers.expect("there is a choice");
        (layers.preferred_spatial_layer, layers.target_spatial_layer, layers.current_spatial_layer)
    };
    assert_eq!(layers(&call).2, -1, "nothing has come");
    call.warm_up();
    assert_eq!(layers(&call), (2, 2, 2));
    call.prefer(0);
    assert_eq!(layers(&call), (0, 0, 2), "until the smaller one has a key frame");
    call.frames(40, 0..3);
    assert_eq!(layers(&call), (0, 0, 0));
    let streams = call.world.engine.producer_state(ProducerId::from_u128(10)).unwrap().rtp_streams;
    let told: Vec<_> =
        streams.iter().map(|stream| (stream.params.encoding_idx, stream.params.ssrc)).collect();
    assert_eq!(told, [(0, SSRCS[0]), (1, SSRCS[1]), (2, SSRCS[2])]);
}

#[test]
fn a_viewer_begins_with_what_is_there() {
    let mut call = Call::new();
    call.frames(30, 0..1);
    assert_eq!(encodings(&call.seen()), [0]);
}

#[test]
fn without_reports_the_viewers_time_goes_on_by_what_has_passed() {
    let mut call = Call::new();
    call.frames(40, 0..3);
    call.seen();
    call.frames(10, 0..3);
    call.prefer(1);
    call.frames(10, 0..3);
    let seen = call.seen();
    assert_eq!(encodings(&seen), [2, 1]);
    let span = seen.last().unwrap().timestamp.wrapping_sub(seen[0].timestamp);
    assert!(span.abs_diff(19 * 2_970) < 30, "{span}");
}

#[test]
fn what_was_lost_before_a_switch_is_sent_again_from_its_own_encoding() {
    let mut call = Call::new();
    call.warm_up();
    call.frames(10, 0..3);
    call.prefer(1);
    call.frames(10, 0..3);
    let seen = call.seen();
    let (before, after) = (seen[0], seen[seen.len() - 4]);
    assert_eq!((before.encoding, after.encoding), (2, 1));
    for lost in [before, after] {
        call.world
            .send_rtcp(call.viewer, |buffer| write_nack(buffer, CONSUMER_SSRC, &[lost.sequence_number]));
        let again = call.world.take_rtp(call.viewer);
        let again = Seen::of(&again[0], 2);
        assert_eq!((again.timestamp, again.encoding), (lost.timestamp, lost.encoding));
        assert_eq!((again.picture_id, again.base_layer), (lost.picture_id, lost.base_layer));
    }
}

#[test]
fn a_tap_hears_every_encoding() {
    let mut call = Call::new();
    call.world.engine.tap_router(call.world.now, ROUTER);
    call.frames(1, 0..3);
    let mut heard = [0; 3];
    for event in call.world.taps() {
        if let TapEvent::Packet(packet) = event {
            assert_eq!(packet.producer_id, ProducerId::from_u128(10));
            heard[usize::from(packet.encoding)] += 1;
        }
    }
    assert_eq!(heard, [3; 3]);
}

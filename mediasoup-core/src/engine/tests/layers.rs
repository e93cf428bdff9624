//! Senders with layers inside one stream, and viewers that get some of them.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;

use super::*;
use crate::{
    engine::{
        codec::dependency::tests::{Kind, short, with_structure},
        consumer::Allowance,
        layer::Layer,
        rtcp::{Packet, packets, write_nack},
        rtp::ExtensionValue,
    },
    ids::ConsumerId,
    media::{
        event::{ConsumerLayers, RouterEvent},
        rtp::{RtpParameters, RtpType},
    },
};

const DESCRIPTOR_URI: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
const DESCRIPTOR_ID: u8 = 7;
const FRAME: Duration = Duration::from_millis(33);
/// Of the pictures in turn.
const RATES: [u8; 4] = [0, 2, 1, 2];
/// Of the packet's own number, the last thing in its payload.
const NUMBER_LEN: usize = 4;

/// Frames of a key picture, then of the pictures after it; two sizes of three rates. A distance counts frames, of which a
/// picture has two.
fn stacked() -> Vec<Kind> {
    vec![
        Kind(0, 0, "SSSSSS", &[]),
        Kind(0, 0, "SSSRRR", &[8]),
        Kind(0, 1, "-DS-RR", &[4]),
        Kind(0, 2, "--D--R", &[2]),
        Kind(1, 0, "---SSS", &[1]),
        Kind(1, 0, "---SSS", &[8, 1]),
        Kind(1, 1, "----DS", &[4, 1]),
        Kind(1, 2, "-----D", &[2, 1]),
    ]
}

/// The larger size is predicted from the smaller one at key pictures only.
fn key_stacked() -> Vec<Kind> {
    vec![
        Kind(0, 0, "SSSSSS", &[]),
        Kind(0, 0, "SSS---", &[8]),
        Kind(0, 1, "-DS---", &[4]),
        Kind(0, 2, "--D---", &[2]),
        Kind(1, 0, "---SSS", &[1]),
        Kind(1, 0, "---SSS", &[8]),
        Kind(1, 1, "----DS", &[4]),
        Kind(1, 2, "-----D", &[2]),
    ]
}

/// Never.
fn side_by_side() -> Vec<Kind> {
    let mut kinds = key_stacked();
    kinds[0] = Kind(0, 0, "SSS---", &[]);
    kinds[4] = Kind(1, 0, "---SSS", &[]);
    kinds
}

/// One size.
fn rates_only() -> Vec<Kind> {
    vec![Kind(0, 0, "SSS", &[]), Kind(0, 0, "SSS", &[4]), Kind(0, 1, "-DS", &[2]), Kind(0, 2, "--D", &[1])]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Vp8,
    Vp9,
    Av1,
    H264,
}

impl Codec {
    fn mime_type(self) -> &'static str {
        match self {
            Self::Vp8 => "video/VP8",
            Self::Vp9 => "video/VP9",
            Self::Av1 => "video/AV1",
            Self::H264 => "video/H264",
        }
    }
}

/// What was sent in one packet.
#[derive(Clone, Debug)]
struct Sent {
    bytes: Vec<u8>,
    picture: u32,
    frame: u16,
    layer: Layer,
    /// Of the frame's kind.
    targets: &'static str,
    references: Vec<u16>,
    ends_frame: bool,
}

/// An encoder and its packetizer.
struct Sender {
    codec: Codec,
    kinds: Vec<Kind>,
    sizes: u8,
    picture: u32,
    /// In the turn of rates.
    turn: usize,
    frame: u16,
    sequence_number: u16,
    base_layer: u8,
    sent: Vec<Sent>,
}

impl Sender {
    fn new(codec: Codec, kinds: Vec<Kind>) -> Self {
        let sizes = kinds.iter().map(|kind| kind.0).max().unwrap() + 1;
        // All numbers turn over soon.
        Self {
            codec,
            kinds,
            sizes,
            picture: 0x7FF0,
            turn: 0,
            frame: 65_400,
            sequence_number: 65_300,
            base_layer: 250,
            sent: Vec::new(),
        }
    }

    /// The packets of the next picture, by their place in `sent`.
    fn picture(&mut self, is_key: bool) -> std::ops::Range<usize> {
        let start = self.sent.len();
        self.turn = if is_key { 0 } else { (self.turn + 1) % RATES.len() };
        let rate = RATES[self.turn];
        self.base_layer = self.base_layer.wrapping_add(u8::from(rate == 0));
        let kinds_of_a_size = self.kinds.len() / usize::from(self.sizes);
        for size in 0..self.sizes {
            let kind = usize::from(size) * kinds_of_a_size + if is_key { 0 } else { 1 + usize::from(rate) };
            for part in 0..2 {
                self.packet(kind, part, is_key);
            }
            self.frame = self.frame.wrapping_add(1);
        }
        self.picture += 1;
        start..self.sent.len()
    }

    fn packet(&mut self, kind: usize, part: u8, is_key: bool) {
        let Kind(size, rate, targets, distances) = self.kinds[kind];
        let (starts, ends) = (part == 0, part == 1);
        let marker = ends && size + 1 == self.sizes;
        let ssrc = VIDEO_SSRC;
        let (sequence_number, timestamp) = (self.sequence_number, self.picture * 3_000);
        let header = Header { marker, payload_type: 96, sequence_number, timestamp, ssrc };
        let mut payload = self.descriptor(kind, part, is_key);
        payload.extend((self.sent.len() as u32).to_be_bytes());
        let has_structure = starts && is_key && size == 0;
        let descriptor = if has_structure {
            with_structure(&self.kinds, 0, kind as u8, self.frame, (starts, ends), None)
        } else {
            short(kind as u8, self.frame, starts, ends)
        };
        let is_described = matches!(self.codec, Codec::Av1 | Codec::H264);
        let extension = [ExtensionValue { id: DESCRIPTOR_ID, value: &descriptor }];
        let mut bytes = Vec::new();
        write_packet(&mut bytes, &header, if is_described { &extension } else { &[] }, &[&payload]);
        self.sequence_number = self.sequence_number.wrapping_add(1);
        self.sent.push(Sent {
            bytes,
            picture: self.picture,
            frame: self.frame,
            layer: Layer::new(size, rate),
            targets,
            references: distances.iter().map(|distance| self.frame.wrapping_sub(*distance)).collect(),
            ends_frame: ends,
        });
    }

    /// What comes before the packet's own number.
    fn descriptor(&self, kind: usize, part: u8, is_key: bool) -> Vec<u8> {
        let Kind(size, rate, targets, distances) = self.kinds[kind];
        let (starts, ends) = (part == 0, part == 1);
        let id = (self.picture as u16 | 0x8000).to_be_bytes();
        match self.codec {
            Codec::Vp8 => {
                // The second picture of the highest rate is decoded from the rate between.
                let is_sync = rate > 0 && self.turn != 3;
                let first = 0x80 | u8::from(starts) << 4;
                let layer = rate << 6 | u8::from(is_sync) << 5;
                vec![first, 0xE0, id[0], id[1], self.base_layer, layer, u8::from(!is_key)]
            }
            Codec::Vp9 => {
                let carries_upper = size == 0 && (is_key || targets.ends_with('R'));
                let mut first = 0xA0;
                for (bit, is_set) in [(0x40, !is_key), (0x08, starts), (0x04, ends), (0x01, !carries_upper)] {
                    first |= if is_set { bit } else { 0 };
                }
                // Chromium's: the picture itself needs none of its own rate.
                let switches_up = rate > 0;
                let depends = distances.contains(&1);
                let layer = rate << 5 | u8::from(switches_up) << 4 | size << 1 | u8::from(depends);
                vec![first, id[0], id[1], layer, self.base_layer]
            }
            // One OBU a frame, a fragment a packet.
            Codec::Av1 => {
                let begins = starts && is_key && size == 0;
                vec![u8::from(!starts) << 7 | u8::from(!ends) << 6 | 0x10 | u8::from(begins) << 3]
            }
            Codec::H264 => vec![0x7C, u8::from(starts) << 7 | if is_key { 5 } else { 1 }],
        }
    }
}

/// A sender and one viewer.
struct Call {
    world: World,
    sender: Tuple,
    viewer: Tuple,
    encoder: Sender,
    wants_key: bool,
    key_pictures: u32,
}

impl Call {
    fn new(codec: Codec, kinds: Vec<Kind>) -> Self {
        let encoder = Sender::new(codec, kinds);
        // No viewer answers, so none may be missed.
        let mut world = World::starting_at(start(), None);
        let (sender, viewer) = (world.client(1), world.client(2));
        let mode = format!("L{}T3", encoder.sizes);
        let stated = |mut parameters: RtpParameters| {
            parameters.codecs[0].mime_type = codec.mime_type().into();
            parameters.encodings[0].scalability_mode = Some(mode.clone());
            parameters
        };
        let mut producer = video_producer(10);
        producer.rtp_type = RtpType::Svc;
        producer.rtp_parameters = stated(producer.rtp_parameters);
        let extension = json!({"uri": DESCRIPTOR_URI, "id": DESCRIPTOR_ID});
        producer.rtp_parameters.header_extensions.push(serde_json::from_value(extension).unwrap());
        let mut consumer = video_consumer(20, 10);
        consumer.rtp_type = RtpType::Svc;
        consumer.rtp_parameters = stated(consumer.rtp_parameters);
        world.produce(sender, producer);
        world.consume(viewer, consumer);
        Self { world, sender, viewer, encoder, wants_key: true, key_pictures: 0 }
    }

    /// Encodes a picture, a key picture where one was asked for.
    fn picture(&mut self) -> std::ops::Range<usize> {
        for compound in self.world.take_rtcp(self.sender) {
            packets(&compound, |packet| self.wants_key |= matches!(packet, Packet::Pli { .. }));
        }
        self.world.advance(FRAME);
        self.key_pictures += u32::from(self.wants_key);
        self.encoder.picture(std::mem::take(&mut self.wants_key))
    }

    fn send(&mut self, index: usize) {
        self.world.send_rtp(self.sender, self.encoder.sent[index].bytes.clone());
    }

    fn pictures(&mut self, count: usize) {
        for _ in 0..count {
            self.picture().for_each(|index| self.send(index));
        }
    }

    /// The same, with a tenth of the packets coming up to 30 packets late.
    fn disordered_pictures(&mut self, count: usize, rng: &mut StdRng) {
        let mut late: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for _ in 0..count {
            for index in self.picture() {
                // What everything begins with comes in time: whoever waits for it asks for it again.
                let begins = self.encoder.sent[index].references.is_empty();
                if !begins && rng.random_range(0..10) == 0 {
                    late.entry(index + rng.random_range(1..30)).or_default().push(index);
                } else {
                    self.send(index);
                }
                late.remove(&index).into_iter().flatten().for_each(|index| self.send(index));
            }
        }
        late.into_values().flatten().for_each(|index| self.send(index));
    }

    fn prefer(&mut self, layer: Layer) {
        let id = ConsumerId::from_u128(20);
        let wanted = ConsumerLayers { spatial_layer: layer.spatial, temporal_layer: Some(layer.temporal) };
        let got = self.world.engine.set_preferred_layers(self.world.now, id, wanted).unwrap();
        assert_eq!(got, wanted);
        self.world.run();
    }

    fn seen(&mut self) -> Vec<Seen> {
        self.world.take_rtp(self.viewer).iter().map(|bytes| Seen::of(self.encoder.codec, bytes)).collect()
    }

    fn layers(&self) -> Vec<Layer> {
        let (sizes, rates) = (self.encoder.sizes, 3);
        (0..sizes).flat_map(|size| (0..rates).map(move |rate| Layer::new(size, rate))).collect()
    }

    /// What a viewer of a layer is to get of these packets.
    fn due(&self, layer: Layer, sent: std::ops::Range<usize>) -> Vec<usize> {
        let target = usize::from(layer.spatial) * 3 + usize::from(layer.temporal);
        sent.filter(|index| self.encoder.sent[*index].targets.as_bytes()[target] != b'-').collect()
    }
}

/// What a viewer got.
#[derive(Clone, Debug)]
struct Seen {
    sequence_number: u16,
    marker: bool,
    /// Place in what was sent; `None`: empty.
    index: Option<usize>,
    payload: Vec<u8>,
}

impl Seen {
    fn of(codec: Codec, bytes: &[u8]) -> Self {
        let packet = RtpPacket::parse(bytes).unwrap();
        let number = match codec {
            Codec::Av1 => obus(packet.payload).into_iter().find_map(|obu| obu.last_chunk::<NUMBER_LEN>()),
            _ => packet.payload.last_chunk::<NUMBER_LEN>(),
        };
        Self {
            sequence_number: packet.sequence_number,
            marker: packet.marker,
            index: number.map(|number| u32::from_be_bytes(*number) as usize),
            payload: packet.payload.to_vec(),
        }
    }
}

fn indexes(seen: &[Seen]) -> Vec<usize> {
    seen.iter().filter_map(|packet| packet.index).collect()
}

/// Every number once, none missing.
fn assert_no_gap(seen: &[Seen]) {
    let first = seen[0].sequence_number;
    let steps = seen.iter().map(|packet| packet.sequence_number.wrapping_sub(first).cast_signed());
    let mut numbers: Vec<_> = steps.collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
}

/// Whatever of a frame came, all it is decoded from came whole.
fn assert_decodable(sent: &[Sent], seen: &[Seen]) {
    let mut parts: BTreeMap<u16, usize> = BTreeMap::new();
    for index in indexes(seen) {
        *parts.entry(sent[index].frame).or_default() += 1;
    }
    for index in indexes(seen) {
        for reference in &sent[index].references {
            let Sent { picture, layer, .. } = &sent[index];
            assert_eq!(parts.get(reference), Some(&2), "picture {picture} {layer:?} needs frame {reference}");
        }
    }
}

/// The last packet of each picture, and no other, is marked.
fn assert_marked(sent: &[Sent], seen: &[Seen]) {
    for pair in seen.windows(2) {
        let [this, next] = pair else { unreachable!() };
        let picture = |seen: &Seen| sent[seen.index.unwrap()].picture;
        assert_eq!(this.marker, picture(this) != picture(next), "{this:?}");
    }
}

/// The OBUs, whole or not, in an AV1 payload.
fn obus(payload: &[u8]) -> Vec<&[u8]> {
    let Some((header, mut rest)) = payload.split_first() else { return Vec::new() };
    let count = usize::from(header >> 4 & 3);
    let mut obus = Vec::new();
    while !rest.is_empty() {
        let len = if obus.len() + 1 == count {
            rest.len()
        } else {
            // Nothing here is longer than what one byte tells.
            assert!(rest[0] < 0x80);
            usize::from(rest.split_off_first().copied().unwrap())
        };
        obus.push(rest.split_off(..len).unwrap());
    }
    obus
}

/// Without a descriptor a receiver takes what lies between two ends of an OBU for a frame, and no two frames for a picture:
/// the picture is to be one, of whole OBUs, each as it was sent or padding.
fn assert_one_frame_a_picture(sent: &[Sent], seen: &[Seen]) {
    for packets in seen.chunk_by(|last, _| !last.marker) {
        let last = packets.len() - 1;
        let mut whole: Vec<Vec<u8>> = Vec::new();
        for (at, packet) in packets.iter().enumerate() {
            let (continues, goes_on) = (packet.payload[0] & 0x80 != 0, packet.payload[0] & 0x40 != 0);
            assert_eq!((continues, goes_on), (at > 0, at < last), "{packet:?}");
            let mut parts = obus(&packet.payload).into_iter();
            if continues {
                whole.last_mut().unwrap().extend(parts.next().unwrap());
            }
            whole.extend(parts.map(<[u8]>::to_vec));
        }
        let mut frames: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
        for index in indexes(packets) {
            let obu = &RtpPacket::parse(&sent[index].bytes).unwrap().payload[1..];
            frames.entry(sent[index].frame).or_default().extend(obu);
        }
        const PADDING: u8 = 15;
        whole.retain(|obu| obu[0] >> 3 != PADDING);
        whole.sort_unstable();
        let mut frames: Vec<_> = frames.into_values().collect();
        frames.sort_unstable();
        assert_eq!(whole, frames);
    }
}

/// VP8's pictures count up by one, and TL0PICIDX with those of the lowest rate. Out of order, a hole stays where a picture is
/// not for the viewer and comes when later ones have gone out: until then, it could have been.
fn assert_numbered(sent: &[Sent], seen: &[Seen], order: Order) {
    let numbers =
        |seen: &Seen| (u16::from_be_bytes([seen.payload[2] & 0x7F, seen.payload[3]]), seen.payload[4]);
    for pair in seen.windows(2) {
        let [last, next] = [&pair[0], &pair[1]].map(|seen| &sent[seen.index.unwrap()]);
        let (last_numbers, next_numbers) = (numbers(&pair[0]), numbers(&pair[1]));
        let is_new = last.picture != next.picture;
        let step = u32::from(next_numbers.0.wrapping_sub(last_numbers.0) & 0x7FFF);
        let left_out = next.picture - last.picture - u32::from(is_new);
        let holes = if order == Order::Disorder { left_out } else { 0 };
        let steps = u32::from(is_new)..=u32::from(is_new) + holes;
        assert!(steps.contains(&step), "{step}, not {steps:?}");
        let base = u8::from(is_new && next.layer.temporal == 0);
        assert_eq!(next_numbers.1, last_numbers.1.wrapping_add(base));
    }
}

/// How the server got the packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    AsSent,
    Disorder,
}

/// What a viewer got, in this order, can be decoded, picture by picture.
fn assert_whole(sent: &[Sent], codec: Codec, seen: &[Seen], order: Order) {
    assert_decodable(sent, seen);
    assert_marked(sent, seen);
    match codec {
        Codec::Vp8 => assert_numbered(sent, seen, order),
        Codec::Av1 => assert_one_frame_a_picture(sent, seen),
        Codec::Vp9 | Codec::H264 => {}
    }
}

fn streams() -> Vec<(Codec, Vec<Kind>)> {
    vec![
        (Codec::Vp8, rates_only()),
        (Codec::H264, rates_only()),
        (Codec::Av1, rates_only()),
        (Codec::Av1, stacked()),
        (Codec::Av1, key_stacked()),
        (Codec::Av1, side_by_side()),
        (Codec::Vp9, rates_only()),
        (Codec::Vp9, stacked()),
        (Codec::Vp9, key_stacked()),
    ]
}

#[test]
fn a_viewer_gets_the_layer_it_wants_and_nothing_else() {
    for (codec, kinds) in streams() {
        let mut call = Call::new(codec, kinds);
        call.pictures(20);
        assert_eq!(indexes(&call.seen()).last(), Some(&(call.encoder.sent.len() - 1)));
        for layer in call.layers().into_iter().rev().chain(call.layers()) {
            call.prefer(layer);
            // Key pictures come once a second.
            call.pictures(60);
            call.seen();
            let start = call.encoder.sent.len();
            call.pictures(20);
            let seen = call.seen();
            let due = call.due(layer, start..call.encoder.sent.len());
            assert_eq!(indexes(&seen), due, "{codec:?} {layer:?}");
            assert_marked(&call.encoder.sent, &seen);
            if codec == Codec::Av1 {
                assert_one_frame_a_picture(&call.encoder.sent, &seen);
            }
            let told = ConsumerLayers { spatial_layer: layer.spatial, temporal_layer: Some(layer.temporal) };
            let news = call.world.events.iter().rev().find_map(|event| match event {
                RouterEvent::ConsumerLayers(_, layers) => Some(*layers),
                _ => None,
            });
            assert_eq!(news, Some(Some(told)), "{codec:?}");
        }
    }
}

#[test]
fn no_key_frame_is_asked_for_where_all_is_well() {
    for (codec, kinds) in streams() {
        let mut call = Call::new(codec, kinds);
        call.pictures(90);
        for layer in call.layers() {
            call.prefer(layer);
            call.pictures(90);
            call.key_pictures = 0;
            call.pictures(90);
            assert_eq!(call.key_pictures, 0, "{codec:?} {layer:?}");
        }
    }
}

#[test]
fn whatever_a_viewer_wants_when_it_can_decode_what_it_gets() {
    for seed in 0..8 {
        let mut rng = StdRng::seed_from_u64(seed);
        for (codec, kinds) in streams() {
            let mut call = Call::new(codec, kinds);
            let layers = call.layers();
            for _ in 0..25 {
                call.pictures(rng.random_range(1..30));
                call.prefer(layers[rng.random_range(0..layers.len())]);
            }
            let seen = call.seen();
            let sent = &call.encoder.sent;
            assert_no_gap(&seen);
            assert_whole(sent, codec, &seen, Order::AsSent);
        }
    }
}

/// Everything a viewer got, in the order of its numbers, is what a viewer gets of packets in order.
#[test]
fn packets_out_of_order_change_nothing_for_who_puts_them_in_order() {
    const PICTURES: usize = 60;
    for seed in 0..8 {
        let mut rng = StdRng::seed_from_u64(seed);
        for (codec, kinds) in streams() {
            let mut call = Call::new(codec, kinds);
            let layers = call.layers();
            call.pictures(4);
            let mut seen = call.seen();
            let mut wanted = *layers.last().unwrap();
            for _ in 0..10 {
                call.prefer(wanted);
                let start = call.encoder.sent.len();
                call.disordered_pictures(PICTURES, &mut rng);
                let got = call.seen();
                let end = call.encoder.sent.len();
                // Half of them are enough to get there, whatever is late.
                let settled = start + (end - start) / 2..end;
                let due: BTreeSet<_> = call.due(wanted, settled.clone()).into_iter().collect();
                let got_then: BTreeSet<_> =
                    indexes(&got).into_iter().filter(|index| settled.contains(index)).collect();
                assert_eq!(got_then, due, "{codec:?} seed {seed} {wanted:?}");
                seen.extend(got);
                wanted = layers[rng.random_range(0..layers.len())];
            }
            let first = seen[0].sequence_number;
            seen.sort_by_key(|packet| packet.sequence_number.wrapping_sub(first));
            assert_no_gap(&seen);
            seen.retain(|packet| packet.index.is_some());
            assert!(seen.is_sorted_by_key(|packet| packet.index), "{codec:?} seed {seed}");
            assert_whole(&call.encoder.sent, codec, &seen, Order::Disorder);
        }
    }
}

#[test]
fn numbers_of_late_packets_that_are_not_for_the_viewer_are_filled() {
    let mut call = Call::new(Codec::Vp8, rates_only());
    call.pictures(8);
    call.prefer(Layer::new(0, 0));
    call.pictures(9);
    call.seen();
    let start = call.encoder.sent.len();
    // One of the highest rate, while the next of the lowest goes out.
    let late = call.picture();
    call.pictures(8);
    late.clone().for_each(|index| call.send(index));
    call.pictures(8);
    let seen = call.seen();
    assert_no_gap(&seen);
    let kept: Vec<_> = seen.iter().filter(|packet| packet.index.is_none()).collect();
    assert_eq!(kept.len(), late.len());
    assert!(kept.iter().all(|packet| packet.payload.is_empty() && !packet.marker));
    assert_eq!(indexes(&seen), call.due(Layer::new(0, 0), start..call.encoder.sent.len()));
    // Lost on its way to the viewer, it comes again as it was.
    let number = kept[0].sequence_number;
    call.world.send_rtcp(call.viewer, |buffer| write_nack(buffer, CONSUMER_SSRC, &[number]));
    let again = call.seen();
    assert_eq!(again.iter().map(|packet| &packet.payload[..]).collect::<Vec<_>>(), [number.to_be_bytes()]);
}

#[test]
fn what_is_sent_again_is_what_was_sent() {
    let mut call = Call::new(Codec::Vp9, stacked());
    call.pictures(8);
    call.prefer(Layer::new(0, 1));
    call.pictures(12);
    let seen = call.seen();
    let lost = seen.iter().rev().find(|packet| packet.marker).unwrap();
    assert!(call.encoder.sent[lost.index.unwrap()].ends_frame);
    let number = lost.sequence_number;
    call.world.send_rtcp(call.viewer, |buffer| write_nack(buffer, CONSUMER_SSRC, &[number]));
    let again = call.seen();
    assert_eq!(again[0].marker, lost.marker);
    assert_eq!(again[0].payload, [&number.to_be_bytes()[..], &lost.payload].concat());
}

#[test]
fn what_a_viewer_may_have_is_known_and_can_be_limited() {
    let mut call = Call::new(Codec::Av1, key_stacked());
    call.pictures(40);
    let key = call.world.engine.consumer_key(ConsumerId::from_u128(20)).unwrap();
    let mut bitrates = Vec::new();
    call.world.engine.layer_bitrates(call.world.now, key, &mut bitrates);
    assert!(bitrates.iter().map(|(layer, _)| *layer).eq(call.layers()));
    // From here on the test says what there is room for, not the path.
    let viewing = call.world.engine.consumers[key.0].transport;
    call.world.engine.peers[viewing.0].egress.stop_sharing();
    let of = |layer: Layer| bitrates.iter().find(|(known, _)| *known == layer).unwrap().1;
    assert!(of(Layer::new(0, 0)) > 0 && of(Layer::new(0, 0)) < of(Layer::new(0, 1)));
    assert_eq!(of(Layer::new(0, 2)), of(Layer::new(1, 2)), "the larger size stands alone");

    let allow = |call: &mut Call, allowance| {
        call.world.engine.allow_layers(call.world.now, key, allowance);
        call.world.run();
        call.pictures(60);
        call.seen();
        let start = call.encoder.sent.len();
        call.pictures(8);
        (indexes(&call.seen()), start..call.encoder.sent.len())
    };
    let (seen, sent) = allow(&mut call, Allowance::UpTo(Layer::new(0, 1)));
    assert_eq!(seen, call.due(Layer::new(0, 1), sent));
    let (seen, _) = allow(&mut call, Allowance::Nothing);
    assert!(seen.is_empty(), "{seen:?}");
    assert!(call.world.events.iter().any(|event| matches!(event, RouterEvent::ConsumerLayers(_, None))));
    let (seen, sent) = allow(&mut call, Allowance::All);
    assert_eq!(seen, call.due(Layer::new(1, 2), sent));
}

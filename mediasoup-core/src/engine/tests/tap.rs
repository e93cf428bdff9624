//! Routers that are listened to.

use super::*;
use crate::{
    engine::rtcp::{Packet, SenderInfo, packets, write_sender_report},
    media::tap::{TapEvent, TapPacket},
};

fn tapped() -> (World, Tuple) {
    let mut world = World::new();
    let sender = world.client(1);
    world.produce(sender, video_producer(10));
    world.take_rtcp(sender);
    assert!(world.engine.tap_router(world.now, ROUTER));
    world.run();
    (world, sender)
}

fn heard(world: &mut World) -> Vec<TapPacket> {
    world
        .taps()
        .into_iter()
        .filter_map(|event| match event {
            TapEvent::Packet(packet) => Some(packet),
            TapEvent::SenderReport(_) => None,
        })
        .collect()
}

fn plis(compounds: &[Vec<u8>]) -> usize {
    let mut plis = 0;
    for compound in compounds {
        packets(compound, |packet| plis += usize::from(matches!(packet, Packet::Pli { .. })));
    }
    plis
}

#[test]
fn a_tap_asks_for_a_key_frame_and_hears_what_comes() {
    let (mut world, sender) = tapped();
    assert_eq!(plis(&world.take_rtcp(sender)), 1);
    world.send_rtp(sender, video_packet(7, 9_000, KEY_FRAME));
    world.send_rtp(sender, video_packet(8, 12_000, DELTA_FRAME));
    let packets = heard(&mut world);
    let [first, second] = &packets[..] else { panic!("{packets:?}") };
    assert_eq!((first.producer_id, first.encoding, first.payload_type), (ProducerId::from_u128(10), 0, 96));
    assert_eq!((first.is_key_frame, second.is_key_frame), (true, false));
    assert_eq!((second.sequence - first.sequence, second.timestamp), (1, 12_000));
    assert_eq!((&*first.payload, first.marker, first.arrival), (KEY_FRAME, true, world.now));

    world.engine.tap_router(world.now, ROUTER);
    world.run();
    assert_eq!(plis(&world.take_rtcp(sender)), 1, "another tap needs another key frame");
}

#[test]
fn a_tap_hears_each_packet_once_and_repaired_ones_late() {
    let (mut world, sender) = tapped();
    for number in [1, 2, 5, 3] {
        world.send_rtp(sender, video_packet(number, 0, if number == 1 { KEY_FRAME } else { DELTA_FRAME }));
    }
    for (rtx_number, number) in [(1, 4_u16), (2, 4), (3, 2)] {
        let mut rtx = Vec::new();
        let header = Header {
            marker: true,
            payload_type: 97,
            sequence_number: rtx_number,
            timestamp: 0,
            ssrc: VIDEO_RTX_SSRC,
        };
        write_packet(&mut rtx, &header, &[], &[&number.to_be_bytes(), DELTA_FRAME]);
        world.send_rtp(sender, rtx);
    }
    let packets = heard(&mut world);
    let first = packets[0].sequence;
    let order: Vec<_> = packets.iter().map(|packet| packet.sequence - first).collect();
    assert_eq!(order, [0, 1, 4, 2, 3]);
    assert_eq!((packets[4].payload_type, &*packets[4].payload), (96, DELTA_FRAME));
}

#[test]
fn what_does_not_come_is_made_up_for_by_a_key_frame() {
    let (mut world, sender) = tapped();
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.take_rtcp(sender);
    world.send_rtp(sender, video_packet(3, 3_000, DELTA_FRAME));
    assert_eq!(plis(&world.take_rtcp(sender)), 0, "it may still come");
    world.advance(Duration::from_millis(400));
    world.send_rtp(sender, video_packet(4, 6_000, DELTA_FRAME));
    assert_eq!(plis(&world.take_rtcp(sender)), 1);
}

#[test]
fn a_paused_producer_is_not_heard_and_resumes_with_a_key_frame() {
    let (mut world, sender) = tapped();
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.engine.pause_producer(world.now, ProducerId::from_u128(10), true).unwrap();
    world.send_rtp(sender, video_packet(2, 0, KEY_FRAME));
    assert_eq!(heard(&mut world).len(), 1);
    world.take_rtcp(sender);
    world.engine.pause_producer(world.now, ProducerId::from_u128(10), false).unwrap();
    world.run();
    assert_eq!(plis(&world.take_rtcp(sender)), 1);
}

#[test]
fn sender_reports_are_heard() {
    let (mut world, sender) = tapped();
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.taps();
    let ntp = NtpTime(77 << 32);
    let info = SenderInfo { ssrc: VIDEO_SSRC, ntp, rtp_timestamp: 5, packet_count: 1, byte_count: 1 };
    world.send_rtcp(sender, |buffer| write_sender_report(buffer, &info));
    let events = world.taps();
    let [TapEvent::SenderReport(report)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((report.ntp, report.rtp_timestamp, report.arrival), (77 << 32, 5, world.now));
}

#[test]
fn nothing_is_told_of_a_router_without_a_tap() {
    let (mut world, sender) = tapped();
    world.engine.untap_router(ROUTER);
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    assert_eq!(world.taps(), []);
    world.engine.tap_router(world.now, ROUTER);
    world.engine.close_router(world.now, ROUTER);
    assert!(!world.engine.tap_router(world.now, ROUTER));
}

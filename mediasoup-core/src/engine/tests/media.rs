//! Packets on their way through.

use super::*;
use crate::engine::rtcp::{Packet, packets, write_nack, write_pli};

fn call() -> (World, Tuple, Tuple) {
    let mut world = World::new();
    let (sender, viewer) = (world.client(1), world.client(2));
    world.produce(sender, video_producer(10));
    world.consume(viewer, video_consumer(20, 10));
    world.take_rtcp(sender);
    (world, sender, viewer)
}

/// NACKed numbers and PLIs in these compound packets.
fn feedback(compounds: &[Vec<u8>]) -> (Vec<u16>, usize) {
    let (mut nacked, mut plis) = (Vec::new(), 0);
    for compound in compounds {
        packets(compound, |packet| match packet {
            Packet::Nack { media_ssrc: VIDEO_SSRC, entries } => nacked.extend(entries.sequence_numbers()),
            Packet::Pli { media_ssrc: VIDEO_SSRC } => plis += 1,
            _ => {}
        });
    }
    (nacked, plis)
}

#[test]
fn packets_reach_the_viewer_under_the_consumers_names() {
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(700, 9_000, DELTA_FRAME));
    assert!(world.take_rtp(viewer).is_empty(), "nothing before a key frame");
    world.send_rtp(sender, video_packet(701, 12_000, KEY_FRAME));
    world.send_rtp(sender, video_packet(702, 15_000, DELTA_FRAME));
    let received = world.take_rtp(viewer);
    let first = RtpPacket::parse(&received[0]).unwrap();
    let second = RtpPacket::parse(&received[1]).unwrap();
    assert_eq!((first.ssrc, first.payload_type, first.payload), (CONSUMER_SSRC, 101, KEY_FRAME));
    assert_eq!(second.sequence_number, first.sequence_number.wrapping_add(1));
    assert_eq!(second.timestamp.wrapping_sub(first.timestamp), 3_000);
    let extensions: Vec<_> = second.extensions.iter().collect();
    assert_eq!(
        extensions,
        [(1, &b"9"[..]), (5, &[0, 1][..])],
        "MID of the consumer, numbers of the viewer's transport"
    );
}

#[test]
fn a_viewer_that_comes_asks_for_a_key_frame() {
    let mut world = World::new();
    let (sender, viewer) = (world.client(1), world.client(2));
    world.produce(sender, video_producer(10));
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.take_rtcp(sender);
    world.consume(viewer, video_consumer(20, 10));
    assert_eq!(feedback(&world.take_rtcp(sender)).1, 1);
}

#[test]
fn a_viewer_that_cannot_receive_yet_asks_once_it_can() {
    let mut world = World::new();
    let sender = world.client(1);
    world.produce(sender, video_producer(10));
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.take_rtcp(sender);
    let viewer = world.connecting_client(2);
    world.consume(viewer, video_consumer(20, 10));
    world.engine.pause_consumer(world.now, ConsumerId::from_u128(20), false).unwrap();
    world.run();
    assert_eq!(feedback(&world.take_rtcp(sender)).1, 0);
    world.finish_connecting(viewer);
    assert_eq!(feedback(&world.take_rtcp(sender)).1, 1);
}

#[test]
fn what_is_lost_on_the_way_in_is_asked_for_and_forwarded_when_it_comes() {
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(100, 0, KEY_FRAME));
    world.send_rtp(sender, video_packet(103, 0, DELTA_FRAME));
    assert_eq!(feedback(&world.take_rtcp(sender)).0, [101, 102]);
    // 101 comes as RTX.
    let mut rtx = Vec::new();
    let header =
        Header { marker: true, payload_type: 97, sequence_number: 1, timestamp: 0, ssrc: VIDEO_RTX_SSRC };
    write_packet(&mut rtx, &header, &[], &[&101_u16.to_be_bytes(), DELTA_FRAME]);
    world.send_rtp(sender, rtx);
    world.advance(Duration::from_millis(120));
    assert_eq!(feedback(&world.take_rtcp(sender)).0, [102], "only what is still missing is asked for again");
    let numbers: Vec<_> =
        summary(&world.take_rtp(viewer)).into_iter().map(|(_, _, number, _)| number).collect();
    assert_eq!(numbers, [numbers[0], numbers[0] + 3, numbers[0] + 1]);
}

#[test]
fn what_is_lost_on_the_way_out_is_sent_again_as_rtx() {
    let (mut world, sender, viewer) = call();
    for number in 0..5 {
        let payload = if number == 0 { KEY_FRAME } else { DELTA_FRAME };
        world.send_rtp(sender, video_packet(65_534_u16.wrapping_add(number), 0, payload));
    }
    let received = summary(&world.take_rtp(viewer));
    let lost = [received[1].2, received[3].2];
    world.send_rtcp(viewer, |buffer| write_nack(buffer, CONSUMER_SSRC, &lost));
    let repaired = summary(&world.take_rtp(viewer));
    assert_eq!(repaired.len(), 2);
    for ((ssrc, payload_type, _, payload), lost) in repaired.iter().zip(lost) {
        assert_eq!((*ssrc, *payload_type), (CONSUMER_RTX_SSRC, 102));
        assert_eq!(payload[..2], lost.to_be_bytes());
        assert_eq!(&payload[2..], DELTA_FRAME);
    }
    world.send_rtcp(viewer, |buffer| write_nack(buffer, CONSUMER_SSRC, &lost));
    assert!(world.take_rtp(viewer).is_empty(), "asked again within the round trip");
}

#[test]
fn one_nack_brings_no_flood() {
    let (mut world, sender, viewer) = call();
    for number in 0..600 {
        world.send_rtp(sender, video_packet(number, 0, if number == 0 { KEY_FRAME } else { DELTA_FRAME }));
    }
    let all: Vec<_> = summary(&world.take_rtp(viewer)).into_iter().map(|(_, _, number, _)| number).collect();
    world.send_rtcp(viewer, |buffer| write_nack(buffer, CONSUMER_SSRC, &all));
    assert_eq!((all.len(), world.take_rtp(viewer).len()), (600, 256));
}

#[test]
fn a_viewers_picture_loss_is_passed_on() {
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.take_rtcp(sender);
    world.send_rtcp(viewer, |buffer| write_pli(buffer, CONSUMER_SSRC));
    world.send_rtcp(viewer, |buffer| write_pli(buffer, CONSUMER_SSRC));
    assert_eq!(feedback(&world.take_rtcp(sender)).1, 1);
}

#[test]
fn a_paused_producer_is_silent_and_starts_again_with_a_key_frame() {
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    let first = summary(&world.take_rtp(viewer))[0].2;
    world.engine.pause_producer(world.now, ProducerId::from_u128(10), true).unwrap();
    for number in 2..50 {
        world.send_rtp(sender, video_packet(number, 0, KEY_FRAME));
    }
    assert!(world.take_rtp(viewer).is_empty());
    world.take_rtcp(sender);
    world.engine.pause_producer(world.now, ProducerId::from_u128(10), false).unwrap();
    world.run();
    assert_eq!(feedback(&world.take_rtcp(sender)), (vec![], 1));
    world.send_rtp(sender, video_packet(50, 0, DELTA_FRAME));
    world.send_rtp(sender, video_packet(51, 0, KEY_FRAME));
    let received = summary(&world.take_rtp(viewer));
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].2, first + 1, "no gap for what was never sent");
}

#[test]
fn a_sender_that_begins_anew_is_followed_without_a_gap() {
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(5_000, 0, KEY_FRAME));
    world.send_rtp(sender, video_packet(20_000, 500_000, KEY_FRAME));
    world.send_rtp(sender, video_packet(20_001, 503_000, DELTA_FRAME));
    let numbers: Vec<_> =
        summary(&world.take_rtp(viewer)).into_iter().map(|(_, _, number, _)| number).collect();
    assert_eq!(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2]);
}

#[test]
fn every_second_there_are_reports_and_every_tenth_arrival_times() {
    let (mut world, sender, viewer) = call();
    for number in 0..100_u16 {
        let payload = if number == 0 { KEY_FRAME } else { DELTA_FRAME };
        world.send_rtp(sender, video_packet(number, u32::from(number) * 3_000, payload));
        world.advance(Duration::from_millis(33));
    }
    let of_type =
        |compounds: &[Vec<u8>], wanted: u8| compounds.iter().filter(|bytes| bytes[1] == wanted).count();
    let to_sender = world.take_rtcp(sender);
    let wide_cc = to_sender.iter().filter(|bytes| bytes[1] == 205 && bytes[0] & 0x1F == 15).count();
    assert!((20..=34).contains(&wide_cc), "{wide_cc}");
    assert!((2..=8).contains(&of_type(&to_sender, 201)));
    assert!((2..=8).contains(&of_type(&world.take_rtcp(viewer), 200)));
}

#[test]
fn rogue_packets_change_nothing() {
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.take_rtp(viewer);
    let mut elsewhere = sender;
    elsewhere.remote.set_port(9);
    for first_byte in [0_u8, 22, 0x80] {
        for len in 0..200 {
            let rogue: Vec<u8> =
                std::iter::once(first_byte).chain((0..len).map(|byte| byte as u8 ^ 0x5A)).collect();
            world.receive(elsewhere, rogue.clone());
            world.receive(sender, rogue);
        }
    }
    // A true packet from a wrong address.
    let sealed = world.at(sender).client.browser.seal_rtp(video_packet(2, 0, DELTA_FRAME));
    world.receive(elsewhere, sealed.clone());
    world.run();
    assert!(world.take_rtp(viewer).is_empty());
    world.receive(sender, sealed);
    world.run();
    assert_eq!(world.take_rtp(viewer).len(), 1, "the true sender goes on");
}

#[test]
fn what_has_waited_too_long_is_thrown_away_and_the_viewer_begins_anew() {
    let (mut world, sender, viewer) = call();
    let id = world.id(viewer);
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    let TransportKey(place) = world.engine.transport_key(id).unwrap();
    world.engine.peers[place].egress.pacer.set_rate(world.now, Some(200_000.0));
    let large = [DELTA_FRAME, &[0; 1_000]].concat();
    for number in 2..=200 {
        world.send_rtp(sender, video_packet(number, 3_000, &large));
    }
    let advance = |world: &mut World, ms: u64| {
        for _ in 0..ms {
            world.now += Duration::from_millis(1);
            world.engine.handle_timeout(world.now);
            world.run();
        }
        world.take_rtp(viewer).len()
    };
    let sent = advance(&mut world, 1_900);
    assert!((20..150).contains(&sent), "{sent} is not what the path carries");
    world.take_rtcp(sender);
    advance(&mut world, 200);
    let stats = world.engine.transport_stats(world.now, id).unwrap();
    assert!(stats.packets_dropped > 50, "{}", stats.packets_dropped);
    assert!(feedback(&world.take_rtcp(sender)).1 > 0, "no key frame is asked for");
    assert_eq!(advance(&mut world, 500), 0, "something waits still");
    world.send_rtp(sender, video_packet(201, 6_000, &large));
    assert_eq!(advance(&mut world, 50), 0, "it follows on what was thrown away");
    world.send_rtp(sender, video_packet(202, 9_000, KEY_FRAME));
    assert_eq!(advance(&mut world, 50), 1);
}

#[test]
fn packets_of_a_picture_that_differ_by_little_leave_as_one_run() {
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    let before = summary(&world.take_rtp(viewer))[0].2;
    let whole: Vec<u8> = DELTA_FRAME.iter().copied().cycle().take(1_000).collect();
    // One is much shorter, and the last of another picture.
    let lens = [(2, 3_000, 900), (3, 3_000, 984), (4, 3_000, 999), (5, 3_000, 1_000), (6, 6_000, 990)];
    for (number, timestamp, len) in lens {
        let packet = video_packet(number, timestamp, &whole[..len]);
        let mut sealed = world.at(sender).client.browser.seal_rtp(packet);
        world.engine.gather_datagram(world.now, sender, &mut sealed);
    }
    world.engine.fan_out();
    let runs: Vec<usize> = world.engine.transmits().map(|transmit| transmit.datagrams().count()).collect();
    assert_eq!(runs, [1, 4]);
    world.run();
    let sent = world.take_rtp(viewer);
    let lens_sent: Vec<(usize, usize)> =
        sent.iter().map(|packet| (packet.len(), RtpPacket::parse(packet).unwrap().payload.len())).collect();
    let header = sent[3].len() - 1_000;
    let on_the_wire = [900, 1_000, 1_000, 1_000, 990].map(|len| header + len);
    let payloads = lens.map(|(.., len)| len);
    assert_eq!(lens_sent, on_the_wire.into_iter().zip(payloads).collect::<Vec<_>>());
    // Sent again, it is as it came.
    world.send_rtcp(viewer, |buffer| write_nack(buffer, CONSUMER_SSRC, &[before + 2]));
    let repaired = world.take_rtp(viewer);
    assert_eq!(repaired[0].len(), header + 2 + 984);
}

#[test]
fn the_rest_of_a_picture_is_worth_waiting_for_where_many_watch() {
    let (mut world, sender, viewer) = call();
    let first_of_two = |number| {
        let mut packet = video_packet(number, 3_000, KEY_FRAME);
        packet[1] &= 0x7F;
        packet
    };
    let gather = |world: &mut World, packet| {
        let mut sealed = world.at(sender).client.browser.seal_rtp(packet);
        world.engine.gather_datagram(world.now, sender, &mut sealed);
        world.engine.is_cut_short()
    };
    assert!(!gather(&mut world, first_of_two(1)), "one viewer gets it at once");
    world.engine.fan_out();
    for number in 3..40 {
        let viewer = world.client(number);
        world.consume(viewer, video_consumer(20 + u128::from(number), 10));
    }
    assert!(gather(&mut world, first_of_two(2)));
    assert!(!gather(&mut world, video_packet(3, 3_000, DELTA_FRAME)), "it is whole");
    assert!(world.engine.has_gathered());
    world.engine.fan_out();
    assert!(!world.engine.has_gathered());
    world.run();
    assert_eq!(world.take_rtp(viewer).len(), 3);
}

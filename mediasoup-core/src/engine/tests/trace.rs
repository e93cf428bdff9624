//! What is told of single packets and requests, where somebody wants to know.

use std::collections::BTreeSet;

use super::*;
use crate::{
    engine::rtcp::{write_fir, write_nack, write_pli},
    ids::{ConsumerId, ProducerId},
    media::{
        event::RouterEvent,
        trace::{TraceDirection, TraceEvent, TraceEventType, TraceInfo},
    },
};

fn call() -> (World, Tuple, Tuple) {
    let mut world = World::new();
    let (sender, viewer) = (world.client(1), world.client(2));
    world.produce(sender, video_producer(10));
    world.consume(viewer, video_consumer(20, 10));
    world.take_rtcp(sender);
    world.events.clear();
    (world, sender, viewer)
}

/// Traces of producers and of consumers, in order.
fn told(world: &mut World) -> (Vec<TraceEvent>, Vec<TraceEvent>) {
    let (mut of_producers, mut of_consumers) = (Vec::new(), Vec::new());
    for event in world.events.drain(..) {
        match event {
            RouterEvent::ProducerTrace(id, event) if id == ProducerId::from_u128(10) => {
                of_producers.push(event);
            }
            RouterEvent::ConsumerTrace(id, event) if id == ConsumerId::from_u128(20) => {
                of_consumers.push(event);
            }
            _ => {}
        }
    }
    (of_producers, of_consumers)
}

fn types(events: &[TraceEvent]) -> Vec<(TraceEventType, TraceDirection)> {
    events.iter().map(|event| (event.info.event_type(), event.direction)).collect()
}

#[test]
fn what_is_wanted_is_told_and_nothing_else() {
    use TraceDirection::{In, Out};
    use TraceEventType::{Fir, Keyframe, Nack, Pli, Rtp};
    let (mut world, sender, viewer) = call();
    world.send_rtp(sender, video_packet(100, 0, KEY_FRAME));
    let nobody = told(&mut world);
    assert_eq!(nobody, (vec![], vec![]), "nobody wants to know");

    let all: BTreeSet<_> = TraceEventType::ALL.into();
    world.engine.trace_producer(ProducerId::from_u128(10), &all).unwrap();
    world.engine.trace_consumer(ConsumerId::from_u128(20), &all).unwrap();
    world.send_rtp(sender, video_packet(101, 3_000, KEY_FRAME));
    world.send_rtp(sender, video_packet(103, 6_000, DELTA_FRAME));
    world.send_rtcp(viewer, |buffer| {
        write_nack(buffer, CONSUMER_SSRC, &[1, 2]);
        write_pli(buffer, CONSUMER_SSRC);
        write_fir(buffer, CONSUMER_SSRC, 1);
    });
    let (of_producer, of_consumer) = told(&mut world);
    assert_eq!(types(&of_producer)[..4], [(Rtp, In), (Keyframe, In), (Nack, Out), (Rtp, In)]);
    assert!(types(&of_producer).contains(&(Pli, Out)), "{of_producer:?}");
    assert_eq!(
        types(&of_consumer),
        [(Rtp, Out), (Keyframe, Out), (Rtp, Out), (Nack, In), (Pli, In), (Fir, In)]
    );
    let TraceInfo::Rtp(packet) = &of_consumer[0].info else { panic!("{of_consumer:?}") };
    assert_eq!((packet.ssrc, packet.payload_type, packet.is_key_frame), (CONSUMER_SSRC, 101, true));
    assert_eq!(of_consumer[3].info, TraceInfo::Nack { ssrc: CONSUMER_SSRC, packets: 2 });

    let key_frames: BTreeSet<_> = [Keyframe].into();
    world.engine.trace_producer(ProducerId::from_u128(10), &key_frames).unwrap();
    world.engine.trace_consumer(ConsumerId::from_u128(20), &BTreeSet::new()).unwrap();
    world.send_rtp(sender, video_packet(104, 9_000, KEY_FRAME));
    world.send_rtp(sender, video_packet(105, 12_000, DELTA_FRAME));
    let (of_producer, of_consumer) = told(&mut world);
    assert_eq!(types(&of_producer), [(Keyframe, In)]);
    assert!(of_consumer.is_empty());
}

#[test]
fn a_transports_path_is_told_of() {
    let (mut world, sender, viewer) = call();
    let id = world.id(viewer);
    world.engine.trace_transport(id, &TraceEventType::ALL.into()).unwrap();
    world.send_rtp(sender, video_packet(100, 0, KEY_FRAME));
    world.advance(Duration::from_millis(600));
    let told = world.events.iter().find_map(|event| match event {
        RouterEvent::TransportTrace(transport, event) if *transport == id => Some(event.info.clone()),
        _ => None,
    });
    assert!(matches!(told, Some(TraceInfo::Bwe { available_bitrate: 1_000_000, .. })), "{told:?}");
}

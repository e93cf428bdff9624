//! What is counted, in mediasoup's words.

use serde_json::{Value, json, to_value};

use super::*;
use crate::{
    engine::rtcp::{Arrival, write_transport_cc},
    ids::{ConsumerId, ProducerId},
    media::transport::OutgoingLimit,
};

fn call() -> (World, Tuple, Tuple) {
    let mut world = World::new();
    let (sender, viewer) = (world.client(1), world.client(2));
    let mut producer = video_producer(10);
    producer.rtp_parameters.encodings[0].scalability_mode = Some("L1T2".into());
    world.produce(sender, producer);
    world.consume(viewer, video_consumer(20, 10));
    (world, sender, viewer)
}

fn of_consumer(world: &mut World) -> Value {
    to_value(world.engine.consumer_stats(world.now, ConsumerId::from_u128(20)).unwrap()).unwrap()
}

fn of_transport(world: &mut World, tuple: Tuple) -> Value {
    let id = world.id(tuple);
    to_value(world.engine.transport_stats(world.now, id).unwrap()).unwrap()
}

#[test]
fn a_consumers_counters_are_its_own_and_its_producers() {
    let (mut world, sender, _) = call();
    world.send_rtp(sender, video_packet(100, 0, KEY_FRAME));
    let stats = of_consumer(&mut world);
    let brief = |entry: &Value| ["type", "ssrc", "packetCount"].map(|field| entry[field].clone());
    assert_eq!(brief(&stats[0]), [json!("outbound-rtp"), json!(CONSUMER_SSRC), json!(1)]);
    assert_eq!(brief(&stats[1]), [json!("inbound-rtp"), json!(VIDEO_SSRC), json!(1)]);
    assert_eq!(stats.as_array().unwrap().len(), 2);
    assert!(stats[0].get("bitrateByLayer").is_none());
    let by_layer = &stats[1]["bitrateByLayer"];
    assert_eq!(by_layer["0.0"], stats[1]["bitrate"]);
    assert_eq!((&by_layer["0.1"], by_layer.as_object().unwrap().len()), (&json!(0), 2));
    let of_producer = world.engine.producer_stats(world.now, ProducerId::from_u128(10)).unwrap();
    assert_eq!(to_value(of_producer).unwrap(), json!([stats[1]]));
}

#[test]
fn what_a_viewer_missed_is_a_share() {
    let (mut world, sender, viewer) = call();
    assert!(of_transport(&mut world, viewer).get("rtpPacketLossSent").is_none());
    for number in 0..4 {
        world.send_rtp(sender, video_packet(100 + number, 0, KEY_FRAME));
    }
    let arrivals = [0, 3].map(|sequence| Arrival { sequence, at: Duration::ZERO });
    world.send_rtcp(viewer, |buffer| {
        write_transport_cc(buffer, CONSUMER_SSRC, 0, 0, &arrivals);
    });
    assert_eq!(of_transport(&mut world, viewer)["rtpPacketLossSent"], 0.5);
    assert_eq!(of_transport(&mut world, sender)["rtpPacketLossReceived"], Value::Null);
}

#[test]
fn limits_of_what_goes_out_are_kept_and_told() {
    let (mut world, _, viewer) = call();
    let id = world.id(viewer);
    let now = world.now;
    let told = |world: &mut World| {
        let stats = of_transport(world, viewer);
        ["minOutgoingBitrate", "maxOutgoingBitrate", "availableOutgoingBitrate"]
            .map(|field| stats.get(field).and_then(Value::as_u64))
    };
    assert_eq!(told(&mut world), [None, None, Some(1_000_000)]);
    world.engine.set_outgoing_limit(now, id, OutgoingLimit::Max(Some(500_000))).unwrap();
    world.engine.set_outgoing_limit(now, id, OutgoingLimit::Min(Some(400_000))).unwrap();
    assert_eq!(told(&mut world), [Some(400_000), Some(500_000), Some(500_000)]);
    world.engine.set_outgoing_limit(now, id, OutgoingLimit::Max(Some(300_000))).unwrap_err();
    assert_eq!(told(&mut world), [Some(400_000), Some(500_000), Some(500_000)], "as before");
    world.engine.set_outgoing_limit(now, id, OutgoingLimit::Max(None)).unwrap();
    assert_eq!(told(&mut world), [Some(400_000), None, Some(1_000_000)]);
}

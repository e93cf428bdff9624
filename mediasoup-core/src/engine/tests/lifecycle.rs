//! Things that come and go: nothing is left behind, and nothing that is left is disturbed.

use super::*;

#[test]
fn closing_a_viewers_transport_leaves_nothing_of_it() {
    let mut world = World::new();
    let (sender, viewer) = (world.client(1), world.client(2));
    world.produce(sender, video_producer(10));
    world.consume(viewer, video_consumer(20, 10));
    let id = world.id(viewer);
    world.engine.close_transport(world.now, id);
    let counts = EngineCounts { routers: 1, transports: 1, producers: 1, consumers: 0 };
    assert_eq!(world.engine.counts(), counts);
    world.send_rtp(sender, video_packet(1, 0, KEY_FRAME));
    world.advance(Duration::from_secs(2));
}

#[test]
fn closing_a_senders_transport_ends_its_consumers() {
    let mut world = World::new();
    let (sender, viewer) = (world.client(1), world.client(2));
    world.produce(sender, video_producer(10));
    world.consume(viewer, video_consumer(20, 10));
    let id = world.id(sender);
    world.engine.close_transport(world.now, id);
    let counts = EngineCounts { routers: 1, transports: 1, producers: 0, consumers: 0 };
    assert_eq!(world.engine.counts(), counts);
    world.advance(Duration::from_secs(2));
    // The same names are free again.
    let sender = world.client(1);
    world.produce(sender, video_producer(10));
    world.consume(viewer, video_consumer(20, 10));
}

#[test]
fn closing_the_router_empties_every_table() {
    let mut world = World::new();
    for number in 1..=3 {
        let tuple = world.client(number);
        world.produce(tuple, video_producer(number.into()));
    }
    let viewer = world.client(9);
    world.consume(viewer, video_consumer(20, 1));
    world.engine.close_router(world.now, ROUTER);
    let engine = &world.engine;
    assert_eq!(engine.counts(), EngineCounts::default());
    assert!(engine.tuples.is_empty() && engine.username_fragments.is_empty());
    assert!(
        engine.transport_keys.is_empty()
            && engine.producer_keys.is_empty()
            && engine.consumer_keys.is_empty()
    );
    assert_eq!(engine.poll_timeout(), None);
}

#[test]
fn a_failed_command_changes_nothing() {
    let mut world = World::new();
    let (sender, viewer) = (world.client(1), world.client(2));
    world.produce(sender, video_producer(10));
    let before = world.engine.counts();
    let (sender, viewer) = (world.id(sender), world.id(viewer));
    let now = world.now;
    assert!(world.engine.produce(now, sender, video_producer(11)).is_err(), "the MID is in use");
    assert!(world.engine.consume(now, viewer, video_consumer(20, 99)).is_err(), "no such producer");
    let mut elsewhere = video_consumer(20, 10);
    elsewhere.mapped_ssrcs = vec![1];
    assert!(world.engine.consume(now, viewer, elsewhere).is_err(), "no such stream");
    assert!(world.engine.produce(now, TransportId::from_u128(99), video_producer(12)).is_err());
    assert_eq!(world.engine.counts(), before);
}

#[test]
fn an_address_belongs_to_whoever_proved_last_to_be_there() {
    let mut world = World::new();
    let first = world.client(1);
    let id = TransportId::from_u128(77);
    let parameters = world.engine.create_transport(world.now, ROUTER, id, vec![], None, OUTGOING).unwrap();
    world.receive(first, Check::NOMINATING.request(&parameters.ice_parameters));
    assert_eq!(world.engine.tuples.len(), 1);
    world.engine.close_transport(world.now, id);
    assert!(world.engine.tuples.is_empty());
}

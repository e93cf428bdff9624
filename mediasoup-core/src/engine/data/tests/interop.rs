//! The engine and another SCTP: that of the crate `webrtc`.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use rtc_sctp::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    PayloadProtocolIdentifier, ReliabilityType, StreamEvent, TransportConfig,
};

use super::*;

/// A peer with that SCTP.
struct Other {
    tuple: Tuple,
    endpoint: Endpoint,
    handle: AssociationHandle,
    association: Association,
    got: Vec<Vec<u8>>,
    connected: bool,
}

impl Other {
    fn connecting(world: &mut World, number: u16) -> Self {
        let tuple = world.client(number);
        let id = world.id(tuple);
        world.engine.enable_sctp(world.now, id, SctpOptions::default()).unwrap();
        let local = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut endpoint = Endpoint::new(local, Default::default(), Arc::new(EndpointConfig::new()), None);
        let config = ClientConfig::new(TransportConfig::default());
        let (handle, association) = endpoint.connect(world.now, config, local).unwrap();
        Self { tuple, endpoint, handle, association, got: Vec::new(), connected: false }
    }

    /// Carries packets both ways. Whether there were any.
    fn carry(&mut self, world: &mut World) -> bool {
        let (now, tuple) = (world.now, self.tuple);
        let mut moved = false;
        for packet in std::mem::take(&mut world.at(tuple).client.browser.received) {
            moved = true;
            let event = self.endpoint.handle(now, tuple.local, None, Bytes::from(packet));
            if let Some((handle, DatagramEvent::AssociationEvent(event))) = event {
                assert_eq!(handle, self.handle);
                self.association.handle_event(event);
            }
        }
        self.association.handle_timeout(now);
        while let Some(transmit) = self.association.poll_transmit(now) {
            let Payload::RawEncode(packets) = transmit.message else { continue };
            for packet in packets {
                moved = true;
                for record in world.at(tuple).client.browser.send_data(now, &packet) {
                    world.receive(tuple, record);
                }
            }
        }
        while let Some(event) = self.association.poll() {
            match event {
                Event::Connected => self.connected = true,
                Event::Stream(StreamEvent::Readable { id }) => {
                    while let Ok(Some(message)) = self.association.stream(id).and_then(|mut s| s.read()) {
                        self.got.push(message.to_payload(1_000_000).unwrap().to_vec());
                    }
                }
                _ => {}
            }
        }
        moved
    }
}

fn advance(world: &mut World, others: &mut [Other], time: Duration) {
    let end = world.now + time;
    while world.now < end {
        world.now += STEP;
        world.engine.handle_timeout(world.now);
        loop {
            let moved = others.iter_mut().fold(false, |moved, other| other.carry(world) | moved);
            world.run();
            if !moved {
                break;
            }
        }
    }
}

#[test]
fn the_longest_messages_go_between_peers_of_another_implementation() {
    let mut world = World::starting_at(Instant::now(), None);
    let mut others = [Other::connecting(&mut world, 1), Other::connecting(&mut world, 2)];
    advance(&mut world, &mut others, Duration::from_secs(1));
    assert!(others.iter().all(|other| other.connected));
    let (sender, reader) = (world.id(others[0].tuple), world.id(others[1].tuple));
    for (stream, delivery) in [(0, Delivery::Ordered), (1, Delivery::MaxRetransmits(1))] {
        let (producer, consumer) =
            (DataProducerId::from_u128(10 + stream), DataConsumerId::from_u128(20 + stream));
        let stream_id = u16::try_from(stream).unwrap();
        let request = ProduceDataRequest {
            id: producer,
            sctp_stream_parameters: SctpStreamParameters { stream_id, delivery },
            label: String::new(),
            protocol: String::new(),
            paused: false,
        };
        world.engine.produce_data(world.now, sender, request).unwrap();
        let request = ConsumeDataRequest {
            id: consumer,
            data_producer_id: producer,
            delivery: None,
            subchannels: [].into(),
            paused: false,
        };
        assert_eq!(world.engine.consume_data(world.now, reader, request).unwrap().stream_id, stream_id);
    }
    let now = world.now;
    let mut stream = others[0].association.open_stream(0, PayloadProtocolIdentifier::Binary).unwrap();
    stream.write(now, &pattern(262_144)).unwrap();
    let mut stream = others[0].association.open_stream(1, PayloadProtocolIdentifier::String).unwrap();
    stream.set_reliability_params(true, ReliabilityType::Rexmit, 1).unwrap();
    stream.write(now, b"moves").unwrap();
    advance(&mut world, &mut others, Duration::from_secs(5));
    let mut got = others[1].got.clone();
    got.sort_by_key(Vec::len);
    assert_eq!(got, [b"moves".to_vec(), pattern(262_144)]);
}

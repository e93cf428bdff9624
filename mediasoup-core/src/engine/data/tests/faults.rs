//! Too much, too long, and not at all what it should be.

use super::*;

#[test]
fn too_much_for_one_viewer_is_dropped_for_that_one_alone() {
    let mut net = Net::pair(Delivery::Ordered);
    let slow = net.client(SctpOptions { send_buffer_size: 100_000, ..SctpOptions::default() });
    net.consume(slow, 21, 10).unwrap();
    let (now, slow_consumer) = (net.world.now, DataConsumerId::from_u128(21));
    net.world.engine.set_buffered_amount_low_threshold(slow_consumer, 1000).unwrap();
    for _ in 0..10 {
        let message = DataMessage::Binary(pattern(60_000));
        let producer = DataProducerId::from_u128(10);
        net.world.engine.send_from_data_producer(now, producer, message, &Subchannels::default()).unwrap();
    }
    let message = DataMessage::Binary(vec![1]);
    let refused = net.world.engine.send_to_data_consumer(now, slow_consumer, message);
    assert!(matches!(refused, Err(DataError::SendBufferFull)));
    let too_large = DataMessage::Binary(pattern(262_145));
    let refused = net.world.engine.send_to_data_consumer(now, DataConsumerId::from_u128(20), too_large);
    assert!(matches!(refused, Err(DataError::MessageTooLarge { size: 262_145, max: 262_144 })));
    net.advance(Duration::from_secs(5));
    assert_eq!(net.clients[1].got().len(), 10);
    let got = net.clients[slow].got().len();
    assert!((2..10).contains(&got), "{got}");
    let told = |event: &RouterEvent| *event == RouterEvent::DataConsumerSendBufferFull(slow_consumer);
    assert_eq!(net.world.events.iter().filter(|event| told(event)).count(), 1);
    let drained = |event: &&RouterEvent| matches!(event, RouterEvent::DataConsumerBufferedAmountLow(id, _) if *id == slow_consumer);
    assert_eq!(net.world.events.iter().filter(drained).count(), 1);
    let stats = net.world.engine.data_consumer_stats(now, slow_consumer).unwrap();
    assert_eq!(stats.messages_dropped + stats.messages_sent, 11);
}

#[test]
fn what_is_no_message_of_a_channel_is_dropped() {
    let mut net = Net::pair(Delivery::Ordered);
    // The establishment protocol, a stream that is nobody's, an unknown identifier, more than is allowed.
    net.clients[0].send(0, 50, vec![3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    net.clients[0].send(5, TEXT, "stray");
    net.clients[0].send(0, 99, "unknown");
    net.clients[0].send(0, BINARY, pattern(300_000));
    net.clients[0].send(0, TEXT, "last");
    net.advance(Duration::from_secs(3));
    assert_eq!(net.clients[1].got(), [(0, TEXT, b"last".to_vec())]);
}

/// Packets of a peer with keys, changed at random: no panic, and nobody else is touched.
#[test]
fn malformed_packets_end_no_more_than_the_association_they_are_in() {
    let mut rng = StdRng::seed_from_u64(11);
    let mut net = Net::pair(Delivery::Ordered);
    let eve = net.client(SctpOptions::default());
    net.produce(eve, 30, 0, Delivery::Ordered).unwrap();
    let tuple = net.clients[eve].tuple;
    for round in 0..1500_u32 {
        let mut packet = if round % 3 == 0 {
            (0..rng.random_range(1..200)).map(|_| rng.random()).collect::<Vec<u8>>()
        } else {
            let message = Message::new(StreamId(0), PpId(BINARY), pattern(rng.random_range(1..3000)));
            // It may be full, or over.
            let _refused = net.clients[eve].socket.send(message, &SendOptions::default());
            let packets = std::iter::from_fn(|| net.clients[eve].socket.poll_event());
            let packet = packets.filter_map(|event| match event {
                SocketEvent::SendPacket(packet) => Some(packet),
                _ => None,
            });
            packet.last().unwrap_or_else(|| vec![0; 12])
        };
        for _ in 0..rng.random_range(0..4) {
            let at = rng.random_range(0..packet.len());
            packet[at] = rng.random();
        }
        if packet.len() >= 12 {
            packet[8..12].fill(0);
            let sum = crc32c(&packet).to_le_bytes();
            packet[8..12].copy_from_slice(&sum);
        }
        let now = net.world.now;
        for record in net.world.at(tuple).client.browser.send_data(now, &packet) {
            net.world.receive(tuple, record);
        }
        net.world.run();
        if net.clients[eve].socket.state() == SocketState::Closed {
            net.clients[eve].socket.connect();
        }
        net.advance(STEP);
    }
    net.clients[0].got.clear();
    net.clients[0].send(0, TEXT, "still here");
    net.advance(Duration::from_secs(1));
    assert_eq!(net.clients[1].got(), [(0, TEXT, b"still here".to_vec())]);
}

/// RFC 9260 appendix A.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 * (crc & 1)))
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[test]
fn a_message_that_is_too_long_is_dropped_whole() {
    let mut net = Net::pair(Delivery::Ordered);
    net.clients[0].send(0, BINARY, pattern(900_000));
    net.advance(Duration::from_secs(3));
    net.clients[0].send(0, TEXT, "after it");
    net.advance(Duration::from_secs(3));
    assert_eq!(net.clients[1].got(), [(0, TEXT, b"after it".to_vec())]);
}

/// What is beyond the window is not kept: whoever sends more than that without an end stops itself.
#[test]
fn a_message_without_an_end_stops_no_one_else() {
    let mut net = Net::pair(Delivery::Ordered);
    let eve = net.client(SctpOptions::default());
    net.produce(eve, 30, 0, Delivery::Ordered).unwrap();
    net.consume(1, 40, 30).unwrap();
    net.clients[eve].send(0, BINARY, pattern(3_000_000));
    net.advance(Duration::from_secs(10));
    assert!(net.clients[eve].socket.buffered_amount(StreamId(0)) > 1_000_000, "the server took no more");
    net.clients[0].send(0, TEXT, "still here");
    net.advance(Duration::from_secs(1));
    assert_eq!(net.clients[1].got(), [(0, TEXT, b"still here".to_vec())]);
}

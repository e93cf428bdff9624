//! What is sent arrives; what is closed is closed.

use super::*;

#[test]
fn texts_and_bytes_arrive_as_they_are() {
    let mut net = Net::pair(Delivery::Ordered);
    let sent = [
        (0, TEXT, "hé".as_bytes().to_vec()),
        (0, 56, vec![0]),
        (0, 57, vec![0]),
        (0, BINARY, pattern(262_144)),
    ];
    for (stream, ppid, payload) in sent.clone() {
        net.clients[0].send(stream, ppid, payload);
    }
    net.advance(Duration::from_secs(2));
    assert_eq!(net.clients[1].got(), sent);
    let (now, bytes) = (net.world.now, 262_144 + 3);
    let stats = net.world.engine.data_producer_stats(now, DataProducerId::from_u128(10)).unwrap();
    assert_eq!((stats.messages_received, stats.bytes_received), (4, bytes));
    let stats = net.world.engine.data_consumer_stats(now, DataConsumerId::from_u128(20)).unwrap();
    assert_eq!((stats.messages_sent, stats.bytes_sent, stats.buffered_amount), (4, bytes, 0));
    assert_eq!(stats.label, "chat");
}

#[test]
fn under_loss_everything_arrives_in_order() {
    let mut net = Net::pair(Delivery::Ordered);
    net.loss = 0.1;
    let sent: Vec<_> = (0..60).map(|n| (0, BINARY, pattern(1 + n * 500))).collect();
    for (stream, ppid, payload) in sent.clone() {
        net.clients[0].send(stream, ppid, payload);
    }
    net.advance(Duration::from_secs(60));
    assert_eq!(net.clients[1].got(), sent);
}

#[test]
fn what_may_be_lost_is_not_repeated_and_the_rest_arrives() {
    let mut net = Net::pair(Delivery::MaxRetransmits(0));
    net.loss = 0.2;
    let options = SendOptions { unordered: true, max_retransmissions: Some(0), ..SendOptions::default() };
    for number in 0..200_u8 {
        net.clients[0].send_with(0, BINARY, vec![number], &options);
        net.advance(STEP);
    }
    net.advance(Duration::from_secs(10));
    let got = net.clients[1].got();
    // Two hops at 20 %, packets of one message each: 64 % on the average.
    assert!((90..=170).contains(&got.len()), "{}", got.len());
    net.loss = 0.0;
    net.clients[0].send_with(0, BINARY, vec![255], &options);
    net.advance(Duration::from_secs(5));
    assert_eq!(net.clients[1].got(), [(0, BINARY, vec![255])], "the association goes on");
}

#[test]
fn closing_a_channel_closes_it_at_the_peer_and_frees_its_stream() {
    let mut net = Net::pair(Delivery::Ordered);
    net.clients[0].send(0, TEXT, "a");
    net.advance(Duration::from_secs(1));
    net.world.engine.close_data_consumer(net.world.now, DataConsumerId::from_u128(20));
    net.advance(Duration::from_secs(1));
    assert_eq!(net.clients[1].reset, [StreamId(0)]);
    assert_eq!(net.consume(1, 21, 10).unwrap().stream_id, 1, "the stream just closed is the last to be used");

    net.world.engine.close_data_producer(net.world.now, DataProducerId::from_u128(10));
    net.advance(Duration::from_secs(1));
    assert_eq!((net.clients[0].reset.as_slice(), net.clients[1].reset.len()), ([StreamId(0)].as_slice(), 2));
    assert_eq!(net.world.engine.data.counts(), (0, 0));
    net.produce(0, 11, 0, Delivery::Ordered).unwrap();
}

#[test]
fn a_channel_the_peer_closes_is_closed_on_both_sides() {
    let mut net = Net::pair(Delivery::Ordered);
    net.clients[1].socket.reset_streams(&[StreamId(0)]).unwrap();
    net.advance(Duration::from_secs(1));
    assert_eq!(net.clients[1].reset, [StreamId(0)]);
    net.clients[0].send(0, TEXT, "to nobody");
    net.advance(Duration::from_secs(1));
    assert_eq!(net.clients[1].got(), []);
}

#[test]
fn closing_a_transport_takes_its_channels_along() {
    let mut net = Net::pair(Delivery::Ordered);
    let (ada, now) = (net.transport(0), net.world.now);
    net.world.engine.close_transport(now, ada);
    assert_eq!(net.world.engine.data.counts(), (0, 0));
    net.world.engine.close_transport(now, net.transport(1));
    assert!(net.world.engine.data.producer_keys.is_empty() && net.world.engine.data.consumer_keys.is_empty());
}

#[test]
fn a_failed_command_changes_nothing() {
    let mut net = Net::pair(Delivery::Ordered);
    let few = SctpOptions {
        num_sctp_streams: NumSctpStreams { outgoing: 1, incoming: 1 },
        ..SctpOptions::default()
    };
    let eve = net.client(few);
    let plain = net.world.client(9);
    let counts = net.world.engine.data.counts();
    assert!(matches!(net.produce(0, 11, 0, Delivery::Ordered), Err(DataError::StreamInUse(0))));
    assert!(matches!(net.produce(eve, 11, 1, Delivery::Ordered), Err(DataError::StreamOutOfRange(1))));
    assert!(matches!(net.consume(1, 21, 99), Err(DataError::ProducerNotFound(_))));
    assert_eq!(net.world.engine.data.counts(), counts);
    net.consume(eve, 21, 10).unwrap();
    assert!(matches!(net.consume(eve, 22, 10), Err(DataError::NoStreamLeft)));
    let request = ConsumeDataRequest {
        id: DataConsumerId::from_u128(23),
        data_producer_id: DataProducerId::from_u128(10),
        delivery: None,
        subchannels: [].into(),
        paused: false,
    };
    let plain = net.world.id(plain);
    let refused = net.world.engine.consume_data(net.world.now, plain, request);
    assert!(matches!(refused, Err(DataError::SctpNotEnabled)));
}

#[test]
fn what_is_paused_sends_nothing() {
    let mut net = Net::pair(Delivery::Ordered);
    let (producer, consumer) = (DataProducerId::from_u128(10), DataConsumerId::from_u128(20));
    for text in ["1", "2", "3", "4"] {
        net.world.engine.pause_data_producer(producer, text == "2").unwrap();
        net.world.engine.pause_data_consumer(consumer, text == "3").unwrap();
        net.clients[0].send(0, TEXT, text);
        net.advance(Duration::from_millis(300));
    }
    assert_eq!(net.clients[1].got(), [(0, TEXT, b"1".to_vec()), (0, TEXT, b"4".to_vec())]);
}

#[test]
fn subchannels_choose_who_hears_the_application() {
    let mut net = Net::pair(Delivery::Ordered);
    let (producer, consumer) = (DataProducerId::from_u128(10), DataConsumerId::from_u128(20));
    net.world.engine.set_subchannels(consumer, [1, 2].into()).unwrap();
    let now = net.world.now;
    let mut send = |text: &str, any_of: &[u16], required| {
        let subchannels = Subchannels { any_of: any_of.iter().copied().collect(), required };
        let message = DataMessage::Text(text.to_owned());
        net.world.engine.send_from_data_producer(now, producer, message, &subchannels).unwrap();
    };
    send("to all", &[], None);
    send("to 2 or 3", &[2, 3], None);
    send("to 3", &[3], None);
    send("needs 1", &[], Some(1));
    send("needs 3", &[2], Some(3));
    send("", &[], None);
    net.advance(Duration::from_secs(1));
    let texts: Vec<_> = net.clients[1].got().into_iter().map(|(_, ppid, text)| (ppid, text)).collect();
    let expected = [(TEXT, "to all"), (TEXT, "to 2 or 3"), (TEXT, "needs 1"), (56, "\0")];
    assert_eq!(texts, expected.map(|(ppid, text)| (ppid, text.as_bytes().to_vec())));
}

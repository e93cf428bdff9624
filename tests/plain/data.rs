//! Messages of one router in another one, of another worker: from process to process, with a pipe or plain transports between.

use mediasoup_core::media::{
    DataConsumer, DataProducer, DirectTransport, WorkerManager,
    data::{
        DataConsumerOptions, DataMessage, DataProducerOptions, Delivery, SctpOptions, SctpState,
        SctpStreamParameters, Subchannels,
    },
    direct::DirectPacket,
    error::{DataError, PipeError},
    feed::Feed,
    options::{PipeToRouterOptions, PipeTransportOptions, PlainTransportOptions},
};
use serde_json::json;

use super::{
    at,
    direct::{direct, next_message},
    pipe::Routers,
};

async fn channel(transport: &DirectTransport, stream_id: u16, delivery: Delivery) -> DataProducer {
    let mut options = DataProducerOptions::new(SctpStreamParameters { stream_id, delivery });
    (options.label, options.protocol) = ("chat".to_owned(), "of this test".to_owned());
    transport.produce_data(options).await.expect("a free stream")
}

async fn reader(transport: &DirectTransport, producer: &DataProducer) -> DataConsumer {
    transport.consume_data(DataConsumerOptions::new(producer.id())).await.expect("it is open")
}

async fn send(producer: &DataProducer, message: DataMessage) {
    producer.send(message, Subchannels::default()).await.expect("it is open");
}

async fn next(feed: &mut Feed<DirectPacket>) -> DataMessage {
    next_message(feed).await.1
}

fn text(text: &str) -> DataMessage {
    DataMessage::Text(text.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_one_router_come_out_of_another() {
    let Routers { workers, near, far } = Routers::on_workers(2).await;
    let ((from, _), (to, mut feed)) = (direct(&near).await, direct(&far).await);
    let options = PipeToRouterOptions::default();
    for (stream, delivery) in [(0, Delivery::Ordered), (1, Delivery::Unordered)] {
        let producer = channel(&from, stream, delivery).await;
        let piped = near.pipe_data_to(producer.id(), &far, options).await.unwrap();
        let copy = piped.pipe_data_producer;
        assert_eq!((copy.id(), copy.label(), copy.protocol()), (producer.id(), "chat", "of this test"));
        assert_eq!(copy.sctp_stream_parameters(), piped.pipe_data_consumer.sctp_stream_parameters());
        assert_eq!(copy.sctp_stream_parameters().delivery, delivery);

        let consumer = reader(&to, &copy).await;
        let sent = [
            text("hé"),
            DataMessage::Binary((0..262_144).map(|index| (index % 251) as u8).collect()),
            text(""),
            DataMessage::Binary(vec![]),
        ];
        for message in sent.clone() {
            send(&producer, message).await;
        }
        let mut got = Vec::new();
        while got.len() < sent.len() {
            let (id, message) = next_message(&mut feed).await;
            assert_eq!(id, consumer.id());
            got.push(message);
        }
        if delivery == Delivery::Unordered {
            let place = |message: &DataMessage| sent.iter().position(|sent| sent == message);
            got.sort_by_key(place);
        }
        assert!(got == sent, "{} of {}", got.len(), sent.len());
    }

    let stats = workers.stats().await;
    let transports: usize = stats.iter().map(|worker| worker.transports).sum();
    assert_eq!(transports, 4, "two of the process, two of the pipe: {stats:?}");
    let producer = channel(&from, 2, Delivery::Ordered).await;
    near.pipe_data_to(producer.id(), &far, options).await.unwrap();
    let again = near.pipe_data_to(producer.id(), &far, options).await;
    assert!(matches!(again, Err(PipeError::Data(DataError::DuplicateId(_)))), "{again:?}");
    let same = near.pipe_data_to(producer.id(), &near, options).await;
    assert!(matches!(same, Err(PipeError::SameRouter)), "{same:?}");
    producer.close().await;
    let unknown = near.pipe_data_to(producer.id(), &far, options).await;
    assert!(matches!(unknown, Err(PipeError::Data(DataError::ProducerNotFound(_)))), "{unknown:?}");
    workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn piped_messages_stop_and_end_with_their_original() {
    let Routers { workers, near, far } = Routers::on_workers(2).await;
    let ((from, _), (to, mut feed)) = (direct(&near).await, direct(&far).await);
    let options = PipeToRouterOptions::default();
    let producer = channel(&from, 0, Delivery::Ordered).await;
    producer.pause().await.unwrap();
    let piped = near.pipe_data_to(producer.id(), &far, options).await.unwrap();
    let copy = piped.pipe_data_producer;
    assert!(copy.dump().await.unwrap().paused, "as its original is");
    let consumer = reader(&to, &copy).await;
    producer.resume().await.unwrap();
    assert!(!copy.dump().await.unwrap().paused);
    send(&producer, text("one")).await;
    assert_eq!(next(&mut feed).await, text("one"));
    producer.pause().await.unwrap();
    assert!(copy.dump().await.unwrap().paused);
    send(&producer, text("to nobody")).await;
    producer.resume().await.unwrap();
    send(&producer, text("two")).await;
    assert_eq!(next(&mut feed).await, text("two"));

    producer.close().await;
    let ended = copy.stats().await;
    assert!(matches!(ended, Err(DataError::ProducerNotFound(_))), "{ended:?}");
    for consumer in [&consumer, &piped.pipe_data_consumer] {
        let ended = consumer.stats().await;
        assert!(matches!(ended, Err(DataError::ConsumerNotFound(_))), "{ended:?}");
    }

    // The end in the other router takes the end in its own along, and the original goes on.
    let producer = channel(&from, 0, Delivery::Ordered).await;
    let piped = near.pipe_data_to(producer.id(), &far, options).await.unwrap();
    piped.pipe_data_producer.close().await;
    piped.pipe_data_consumer.stats().await.unwrap_err();
    let piped = near.pipe_data_to(producer.id(), &far, options).await.unwrap();
    from.close().await;
    piped.pipe_data_producer.stats().await.unwrap_err();
    let (from, _) = direct(&near).await;
    let producer = channel(&from, 0, Delivery::Ordered).await;
    let piped = near.pipe_data_to(producer.id(), &far, options).await.unwrap();
    near.close().await;
    piped.pipe_data_producer.stats().await.unwrap_err();
    workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_without_sctp_carries_no_messages() {
    let Routers { workers, near, .. } = Routers::on_workers(1).await;
    let (from, _) = direct(&near).await;
    let producer = channel(&from, 0, Delivery::Ordered).await;
    let end = near.create_pipe_transport(PipeTransportOptions::default()).await.unwrap();
    let refused = end.consume_data(DataConsumerOptions::new(producer.id())).await;
    assert!(matches!(refused, Err(DataError::SctpNotEnabled)), "{refused:?}");
    workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_transports_carry_messages_by_sctp_over_udp() {
    let Routers { workers, near, far } = Routers::on_workers(2).await;
    let ((from, _), (to, mut feed)) = (direct(&near).await, direct(&far).await);
    let mut options = PlainTransportOptions::default();
    options.sctp = Some(SctpOptions::default());
    let out = near.create_plain_transport(options.clone()).await.unwrap();
    options.comedia = true;
    let into = far.create_plain_transport(options).await.unwrap();

    let producer = channel(&from, 7, Delivery::Ordered).await;
    let sent = out.consume_data(DataConsumerOptions::new(producer.id())).await.unwrap();
    let options = DataProducerOptions::new(sent.sctp_stream_parameters());
    let received = into.produce_data(options).await.unwrap();
    reader(&to, &received).await;
    send(&producer, text("before there is a peer")).await;
    out.connect(at(into.parameters().tuple.local_port)).await.unwrap();
    assert_eq!(next(&mut feed).await, text("before there is a peer"));

    assert_eq!(into.stats().await.unwrap().sctp_state, Some(SctpState::Connected));
    let told = serde_json::to_value(into.parameters()).unwrap();
    assert_eq!(
        (&told["sctpParameters"]["isDataChannel"], &told["sctpParameters"]["OS"]),
        (&json!(false), &json!(1024))
    );
    let dump = serde_json::to_value(into.dump().await.unwrap()).unwrap();
    assert_eq!(dump["sctpParameters"], told["sctpParameters"]);
    let table = json!([{ "key": 0, "value": received.id() }]);
    assert_eq!((&dump["sctpListener"]["streamIdTable"], &dump["sctpState"]), (&table, &json!("connected")));
    workers.close().await;
}

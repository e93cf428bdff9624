//! Direct transports: RTP and messages of this process, in and out.

use std::time::Duration;

use mediasoup_core::{
    ids::DataConsumerId,
    media::{
        DirectTransport, Producer, Router, WorkerManager,
        data::{
            DataConsumerOptions, DataMessage, DataProducerOptions, Delivery, SctpStreamParameters,
            Subchannels,
        },
        direct::{DirectPacket, DirectTransportOptions},
        error::{DataError, ProduceError},
        feed::Feed,
        options::{ConsumerOptions, ProducerOptions},
        rtp::MediaKind,
        stats::TransportKindStats,
    },
};
use serde_json::json;
use tokio::time::timeout;

use super::{Server, at, receive};

pub(crate) const SSRC: u32 = 77;
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn direct(router: &Router) -> (DirectTransport, Feed<DirectPacket>) {
    router.create_direct_transport(DirectTransportOptions::default()).await.expect("an open router")
}

pub(crate) async fn video(transport: &DirectTransport) -> Producer {
    let parameters = json!({
        "codecs": [{
            "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90_000,
            "rtcpFeedback": [{ "type": "nack" }, { "type": "nack", "parameter": "pli" }],
        }],
        "encodings": [{ "ssrc": SSRC }],
    });
    let parameters = serde_json::from_value(parameters).expect("well-formed");
    transport.produce(ProducerOptions::new(MediaKind::Video, parameters)).await.expect("a free SSRC")
}

/// VP8 whose last byte tells it apart.
fn packet(number: u16, is_key_frame: bool, tag: u8) -> Vec<u8> {
    let mut packet = vec![0x80, 0x80 | 96];
    packet.extend(number.to_be_bytes());
    packet.extend((u32::from(number) * 3_000).to_be_bytes());
    packet.extend(SSRC.to_be_bytes());
    packet.extend([0x10, u8::from(!is_key_frame), 0, 0, 0x9D, 0x01, 0x2A, tag]);
    packet
}

async fn next(feed: &mut Feed<DirectPacket>) -> DirectPacket {
    timeout(PATIENCE, feed.recv()).await.expect("nothing comes").expect("it is open")
}

/// The next RTP packet: SSRC, sequence number and payload.
pub(crate) async fn next_rtp(feed: &mut Feed<DirectPacket>) -> (u32, u16, Vec<u8>) {
    loop {
        if let DirectPacket::Rtp { packet, .. } = next(feed).await {
            let number = u16::from_be_bytes([packet[2], packet[3]]);
            let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
            let has_extensions = packet[0] & 0x10 != 0;
            let words = if has_extensions { 1 + usize::from(packet[15]) } else { 0 };
            return (ssrc, number, packet[12 + 4 * words..].to_vec());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_in_comes_out_and_is_repaired() {
    let server = Server::start().await;
    let ((from, mut asked), (to, mut feed)) = (direct(&server.router).await, direct(&server.router).await);
    let producer = video(&from).await;
    let mut options = ConsumerOptions::new(producer.id(), server.router.rtp_capabilities().clone());
    options.enable_rtx = Some(true);
    let consumer = to.consume(options).await.unwrap();
    // A key frame is asked for: PT 206, FMT 1.
    while !matches!(next(&mut asked).await, DirectPacket::Rtcp(packet) if packet[..2] == [0x81, 206]) {}

    producer.send(packet(1, true, 10)).await.unwrap();
    producer.send(packet(2, false, 11)).await.unwrap();
    let encoding = &consumer.rtp_parameters().encodings[0];
    let (ssrc, number, payload) = next_rtp(&mut feed).await;
    assert_eq!((Some(ssrc), payload.last()), (encoding.ssrc, Some(&10)));
    let (_, second, payload) = next_rtp(&mut feed).await;
    assert_eq!((second, payload.last()), (number.wrapping_add(1), Some(&11)));

    // The second is asked for again (RFC 4585 §6.2.1).
    let mut nack = vec![0x81, 205, 0, 3, 0, 0, 0, 1];
    nack.extend(ssrc.to_be_bytes());
    nack.extend(second.to_be_bytes());
    nack.extend([0, 0]);
    to.send_rtcp(nack).await.unwrap();
    let (ssrc, _, payload) = next_rtp(&mut feed).await;
    assert_eq!(Some(ssrc), encoding.rtx.map(|rtx| rtx.ssrc));
    assert_eq!((&payload[..2], payload.last()), (&second.to_be_bytes()[..], Some(&11)));

    let stats = to.stats().await.unwrap();
    assert!(matches!(stats.kind, TransportKindStats::Direct {}) && stats.bytes_sent > 0, "{stats:?}");
    to.close().await;
    timeout(PATIENCE, async { while feed.recv().await.is_some() {} }).await.expect("its feed ends with it");
    server.workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_packet_changes_nothing() {
    let server = Server::start().await;
    let (from, _asked) = direct(&server.router).await;
    let producer = video(&from).await;
    for nothing in [vec![], vec![0; 5], vec![0xFF; 40]] {
        let error = producer.send(nothing.clone()).await;
        assert!(matches!(error, Err(ProduceError::Rtp(_))), "{error:?}");
        from.send_rtcp(nothing[..nothing.len().min(5)].to_vec()).await.unwrap_err();
    }
    assert_eq!(producer.stats().await.unwrap()[0].stream.packet_count, 0);
    producer.send(packet(1, true, 10)).await.unwrap();
    assert_eq!(producer.stats().await.unwrap()[0].stream.packet_count, 1);

    let plain = server.plain(|_| {}).await;
    plain.connect(at(9)).await.unwrap();
    let elsewhere = receive(&plain).await;
    let error = elsewhere.send(packet(1, true, 10)).await;
    assert!(matches!(error, Err(ProduceError::Rtp(_))), "{error:?}");
    producer.close().await;
    let error = producer.send(packet(2, true, 10)).await;
    assert!(matches!(error, Err(ProduceError::NotFound(_))), "{error:?}");
    server.workers.close().await;
}

pub(crate) async fn next_message(feed: &mut Feed<DirectPacket>) -> (DataConsumerId, DataMessage) {
    loop {
        if let DirectPacket::Data { data_consumer_id, message } = next(feed).await {
            return (data_consumer_id, message);
        }
    }
}

fn channel(stream_id: u16) -> DataProducerOptions {
    DataProducerOptions::new(SctpStreamParameters { stream_id, delivery: Delivery::Ordered })
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_the_process_reach_the_process() {
    let server = Server::start().await;
    let ((from, _), (to, mut feed)) = (direct(&server.router).await, direct(&server.router).await);
    let producer = from.produce_data(channel(7)).await.unwrap();
    let mut options = DataConsumerOptions::new(producer.id());
    options.subchannels = vec![5];
    let consumer = to.consume_data(options).await.unwrap();
    let all = Subchannels::default();
    let messages = [
        DataMessage::Text("ä word".to_owned()),
        DataMessage::Text(String::new()),
        DataMessage::Binary(vec![0; 262_144]),
        DataMessage::Binary(Vec::new()),
    ];
    for message in messages {
        producer.send(message.clone(), all.clone()).await.unwrap();
        assert_eq!(next_message(&mut feed).await, (consumer.id(), message));
    }

    let long = DataMessage::Binary(vec![0; 262_145]);
    let error = producer.send(long, all.clone()).await;
    assert!(matches!(error, Err(DataError::MessageTooLarge { size: 262_145, max: 262_144 })), "{error:?}");
    let elsewhere = Subchannels { any_of: [6].into(), required: None };
    producer.send(DataMessage::Text("to others".to_owned()), elsewhere).await.unwrap();
    producer.pause().await.unwrap();
    producer.send(DataMessage::Text("to nobody".to_owned()), all.clone()).await.unwrap();
    producer.resume().await.unwrap();
    let to_it = Subchannels { any_of: [5, 6].into(), required: Some(5) };
    producer.send(DataMessage::Text("to it".to_owned()), to_it).await.unwrap();
    assert_eq!(next_message(&mut feed).await.1, DataMessage::Text("to it".to_owned()));

    let (sent, received) = (producer.stats().await.unwrap(), consumer.stats().await.unwrap());
    assert_eq!((sent.messages_received, received.messages_sent), (7, 5));
    assert_eq!(consumer.dump().await.unwrap().data_type, "direct");
    assert_eq!(to.stats().await.unwrap().sctp_state, None);
    let error = from.produce_data(channel(7)).await.map(|producer| producer.id());
    assert!(matches!(error, Err(DataError::StreamInUse(7))), "{error:?}");
    server.workers.close().await;
}

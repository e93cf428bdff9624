//! A pipe on whose way packets are lost: all of them arrive.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mediasoup_core::media::{
    PipeConsumer, PipeTransport, WorkerManager,
    data::{
        DataConsumerOptions, DataMessage, DataProducerOptions, Delivery, SctpOptions, SctpStreamParameters,
        Subchannels,
    },
    direct::DirectPacket,
    feed::Feed,
    options::{ConsumerOptions, PipeTransportOptions, ProducerOptions},
    plain::SrtpParameters,
    rtp::MediaKind,
};
use tokio::{net::UdpSocket, task::JoinHandle, time::timeout};

use super::{
    direct::{SSRC, direct, next_message, next_rtp, video},
    pipe::Routers,
};

const PATIENCE: Duration = Duration::from_secs(60);
const FRAME: Duration = Duration::from_millis(5);
/// Of the packets of a track, in a row.
const FRAMES: u32 = 300;
const MESSAGES: u32 = 50;

/// Carries datagrams between the two ends of a pipe; ends when it is dropped. On the way from the near end to the far one it
/// loses every fifth packet of media, and every tenth of SCTP; repairs arrive.
struct LossyWay {
    task: JoinHandle<()>,
    lost: Arc<AtomicUsize>,
}

impl LossyWay {
    /// Connects both ends to it. Media has these SSRCs.
    async fn between(near: &PipeTransport, far: &PipeTransport, media: Vec<u32>) -> Self {
        let (at_near, at_far) = (socket().await, socket().await);
        let key = |end: &PipeTransport| -> Option<SrtpParameters> { end.srtp_parameters().cloned() };
        let localhost = Ipv4Addr::LOCALHOST.into();
        near.connect(localhost, port(&at_near), key(far)).await.expect("it is the first");
        far.connect(localhost, port(&at_far), key(near)).await.expect("it is the first");
        let to = |end: &PipeTransport| SocketAddr::new(localhost, end.tuple().local_port);
        let (near, far) = (to(near), to(far));
        let lost = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&lost);
        let task = tokio::spawn(async move {
            let (mut from_near, mut from_far) = ([0; 2_000], [0; 2_000]);
            let mut messages = 0_usize;
            loop {
                tokio::select! {
                    Ok(len) = at_near.recv(&mut from_near) => {
                        let packet = &from_near[..len];
                        if is_lost(packet, &media, &mut messages) {
                            counter.fetch_add(1, Ordering::Relaxed);
                        } else {
                            let _ = at_far.send_to(packet, far).await;
                        }
                    }
                    Ok(len) = at_far.recv(&mut from_far) => {
                        let _ = at_near.send_to(&from_far[..len], near).await;
                    }
                }
            }
        });
        Self { task, lost }
    }

    fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for LossyWay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn socket() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has ports")
}

fn port(socket: &UdpSocket) -> u16 {
    socket.local_addr().expect("it is bound").port()
}

/// SRTP leaves headers readable, and SCTP is not sealed.
fn is_lost(packet: &[u8], media: &[u32], messages: &mut usize) -> bool {
    if packet.first() == Some(&19) {
        *messages += 1;
        return messages.is_multiple_of(10);
    }
    let number = |at: std::ops::Range<usize>| {
        packet
            .get(at)
            .map_or(0, |bytes| bytes.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)))
    };
    let is_rtcp = packet.get(1).is_some_and(|second| (192..=223).contains(second));
    !is_rtcp && media.contains(&number(8..12)) && number(2..4).is_multiple_of(5)
}

async fn ends(routers: &Routers) -> [PipeTransport; 2] {
    let mut options = PipeTransportOptions::default();
    (options.enable_rtx, options.enable_srtp) = (true, true);
    options.sctp = Some(SctpOptions::default());
    let near = routers.near.create_pipe_transport(options.clone()).await.expect("a port");
    [near, routers.far.create_pipe_transport(options).await.expect("a port")]
}

/// A frame of VP8 that says which it is.
fn frame(number: u32, is_key_frame: bool) -> Vec<u8> {
    let mut packet = vec![0x80, 0x80 | 96];
    packet.extend((number as u16).to_be_bytes());
    packet.extend((number * 450).to_be_bytes());
    packet.extend(SSRC.to_be_bytes());
    packet.extend([0x10, u8::from(!is_key_frame), 0, 0, 0x9D, 0x01, 0x2A, 0x40, 0x01]);
    packet.extend(number.to_be_bytes());
    packet
}

fn number_of(payload: &[u8]) -> u32 {
    u32::from_be_bytes(*payload.last_chunk().expect("a frame of ours"))
}

/// Takes what comes until the next frame is due. Whether that is what is waited for.
async fn arrives(feed: &mut Feed<DirectPacket>, mut is_it: impl FnMut(u32) -> bool) -> bool {
    let wanted = async { while !is_it(number_of(&next_rtp(feed).await.2)) {} };
    timeout(FRAME, wanted).await.is_ok()
}

fn ssrcs(sent: &PipeConsumer) -> Vec<u32> {
    sent.rtp_parameters().encodings.iter().filter_map(|encoding| encoding.ssrc).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pipe_loses_of_a_track_is_sent_again() {
    let routers = Routers::on_workers(2).await;
    let ((from, _asked), (to, mut feed)) = (direct(&routers.near).await, direct(&routers.far).await);
    let [near, far] = ends(&routers).await;
    let producer = video(&from).await;
    let sent = near.consume(producer.id()).await.unwrap();
    let way = LossyWay::between(&near, &far, ssrcs(&sent)).await;
    let options = ProducerOptions::new(MediaKind::Video, sent.rtp_parameters().clone());
    let received = far.produce(options).await.unwrap();
    let mut options = ConsumerOptions::new(received.id(), routers.far.rtp_capabilities().clone());
    options.enable_rtx = Some(false);
    to.consume(options).await.unwrap();

    // The first may be lost, and nothing before a key frame is asked for.
    let mut number = 0;
    while !arrives(&mut feed, |_| true).await {
        producer.send(frame(number, true)).await.unwrap();
        number += 1;
    }
    let mut missing: BTreeSet<u32> = (number..number + FRAMES).collect();
    let all = async {
        while !missing.is_empty() {
            producer.send(frame(number, false)).await.unwrap();
            number += 1;
            arrives(&mut feed, |number| missing.remove(&number) && missing.is_empty()).await;
        }
    };
    let came = timeout(PATIENCE, all).await;
    assert!(came.is_ok(), "{missing:?} of {number} are missing");
    let (lost, stats) = (way.lost(), sent.stats().await.unwrap());
    assert!(lost >= FRAMES as usize / 6, "{lost}");
    assert!(stats[0].stream.packets_retransmitted >= u64::from(FRAMES) / 6, "{stats:?}");
    routers.workers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pipe_loses_of_messages_is_sent_again() {
    let routers = Routers::on_workers(2).await;
    let ((from, _), (to, mut feed)) = (direct(&routers.near).await, direct(&routers.far).await);
    let [near, far] = ends(&routers).await;
    let stream = SctpStreamParameters { stream_id: 0, delivery: Delivery::Ordered };
    let producer = from.produce_data(DataProducerOptions::new(stream)).await.unwrap();
    let sent = near.consume_data(DataConsumerOptions::new(producer.id())).await.unwrap();
    let way = LossyWay::between(&near, &far, Vec::new()).await;
    let options = DataProducerOptions::new(sent.sctp_stream_parameters());
    let received = far.produce_data(options).await.unwrap();
    to.consume_data(DataConsumerOptions::new(received.id())).await.unwrap();

    let message = |number: u32| {
        let mut bytes = vec![7; 4_000];
        bytes.extend(number.to_be_bytes());
        DataMessage::Binary(bytes)
    };
    for number in 0..MESSAGES {
        producer.send(message(number), Subchannels::default()).await.unwrap();
    }
    for number in 0..MESSAGES {
        let (_, got) = timeout(PATIENCE, next_message(&mut feed)).await.expect("it comes");
        assert!(got == message(number), "message {number} is another");
    }
    assert!(way.lost() > 0);
    routers.workers.close().await;
}

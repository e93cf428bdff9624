//! The handles over a port that records what it is asked.

use std::{
    fmt::Display,
    net::Ipv4Addr,
    num::NonZeroU8,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::broadcast;

use super::{Producer, Router, WebRtcTransport, Worker};
use crate::{
    ids::{ConsumerId, ProducerId, RouterId, TransportId, WorkerId},
    media::{
        bridge::BridgePort,
        data::DataPort,
        default_media_codecs,
        direct::DirectPort,
        dump::DumpPort,
        error::{ConsumeError, ProduceError, TransportError, WorkerError},
        event::{ConsumerLayers, RouterEvent},
        observer::ObserverPort,
        options::{ConsumerOptions, ProducerOptions, RouterOptions, WebRtcTransportOptions},
        plain::PlainPort,
        port::{ConsumeRequest, MediaPort, ProduceRequest},
        rtp::{MediaKind, RtpParameters, RtpType},
        stats::{ConsumerReport, ProducerStats, TransportStats},
        tap::Tap,
        trace::TracePort,
        transport::{
            CandidateType, DtlsParameters, DtlsRole, IceCandidate, IceParameters, Protocol,
            TransportParameters,
        },
    },
};

/// What the port was asked, in order.
#[derive(Debug, Default)]
struct Asked {
    produced: Vec<ProduceRequest>,
    consumed: Vec<ConsumeRequest>,
    closed: Vec<String>,
    /// The next produce is refused.
    refuse_produce: bool,
}

#[derive(Debug, Default)]
struct RecordingPort(Mutex<Asked>);

impl RecordingPort {
    fn asked<T>(&self, read: impl FnOnce(&mut Asked) -> T) -> T {
        read(&mut self.0.lock().unwrap())
    }

    fn close(&self, what: &str, id: impl Display) -> Result<(), WorkerError> {
        self.asked(|asked| asked.closed.push(format!("{what} {id}")));
        Ok(())
    }
}

fn ice_parameters() -> IceParameters {
    IceParameters { username_fragment: "ufrag".to_owned(), password: "secret".to_owned(), ice_lite: true }
}

impl DataPort for RecordingPort {}

impl TracePort for RecordingPort {}

impl DumpPort for RecordingPort {}

impl ObserverPort for RecordingPort {}

impl PlainPort for RecordingPort {}

impl DirectPort for RecordingPort {}

impl BridgePort for RecordingPort {}

#[async_trait]
impl MediaPort for RecordingPort {
    async fn create_router(&self, _: RouterId) -> Result<broadcast::Receiver<Arc<RouterEvent>>, WorkerError> {
        Ok(broadcast::channel(1).1)
    }

    fn subscribe(&self, _: RouterId) -> Option<broadcast::Receiver<Arc<RouterEvent>>> {
        None
    }

    async fn close_router(&self, id: RouterId) -> Result<(), WorkerError> {
        self.close("router", id)
    }

    async fn tap_router(&self, _: RouterId, _: usize) -> Result<Tap, WorkerError> {
        Ok(Tap::channel(1).1)
    }

    async fn create_transport(
        &self,
        _: RouterId,
        id: TransportId,
        _: &WebRtcTransportOptions,
    ) -> Result<TransportParameters, TransportError> {
        let address = Ipv4Addr::LOCALHOST.to_string();
        Ok(TransportParameters {
            id,
            ice_parameters: ice_parameters(),
            ice_candidates: vec![IceCandidate {
                foundation: "udpcandidate".to_owned(),
                priority: 1,
                ip: address.clone(),
                address,
                protocol: Protocol::Udp,
                transport: Protocol::Udp,
                port: 1,
                candidate_type: CandidateType::Host,
                tcp_type: None,
            }],
            dtls_parameters: DtlsParameters { role: DtlsRole::Auto, fingerprints: Vec::new() },
            sctp_parameters: None,
        })
    }

    async fn connect_transport(&self, _: TransportId, _: DtlsParameters) -> Result<DtlsRole, TransportError> {
        Ok(DtlsRole::Server)
    }

    async fn restart_ice(&self, _: TransportId) -> Result<IceParameters, TransportError> {
        Ok(ice_parameters())
    }

    async fn set_max_incoming_bitrate(&self, _: TransportId, _: Option<u32>) -> Result<(), TransportError> {
        Ok(())
    }

    async fn transport_stats(&self, id: TransportId) -> Result<TransportStats, TransportError> {
        Err(TransportError::NotFound(id))
    }

    async fn close_transport(&self, id: TransportId) -> Result<(), WorkerError> {
        self.close("transport", id)
    }

    async fn produce(&self, _: TransportId, request: ProduceRequest) -> Result<(), ProduceError> {
        self.asked(|asked| {
            if asked.refuse_produce {
                return Err(ProduceError::DuplicateMid("0".to_owned()));
            }
            asked.produced.push(request);
            Ok(())
        })
    }

    async fn pause_producer(&self, _: ProducerId, _: bool) -> Result<(), ProduceError> {
        Ok(())
    }

    async fn producer_stats(&self, id: ProducerId) -> Result<Vec<ProducerStats>, ProduceError> {
        Err(ProduceError::NotFound(id))
    }

    async fn close_producer(&self, id: ProducerId) -> Result<(), WorkerError> {
        self.close("producer", id)
    }

    async fn consume(&self, _: TransportId, request: ConsumeRequest) -> Result<(), ConsumeError> {
        self.asked(|asked| asked.consumed.push(request));
        Ok(())
    }

    async fn pause_consumer(&self, _: ConsumerId, _: bool) -> Result<(), ConsumeError> {
        Ok(())
    }

    async fn request_key_frame(&self, _: ConsumerId) -> Result<(), ConsumeError> {
        Ok(())
    }

    async fn set_preferred_layers(
        &self,
        _: ConsumerId,
        layers: ConsumerLayers,
    ) -> Result<ConsumerLayers, ConsumeError> {
        Ok(layers)
    }

    async fn set_consumer_priority(&self, _: ConsumerId, _: NonZeroU8) -> Result<(), ConsumeError> {
        Ok(())
    }

    async fn consumer_stats(&self, id: ConsumerId) -> Result<ConsumerReport, ConsumeError> {
        Err(ConsumeError::NotFound(id))
    }

    async fn close_consumer(&self, id: ConsumerId) -> Result<(), WorkerError> {
        self.close("consumer", id)
    }
}

async fn router() -> (Arc<RecordingPort>, Router) {
    let port = Arc::new(RecordingPort::default());
    let worker = Worker::new(WorkerId::random(), Arc::clone(&port) as Arc<dyn MediaPort>);
    let router = worker.create_router(RouterOptions::new(default_media_codecs())).await.unwrap();
    (port, router)
}

async fn transport(router: &Router) -> WebRtcTransport {
    router.create_webrtc_transport(WebRtcTransportOptions::default()).await.unwrap()
}

fn opus(cname: Option<&str>, ssrc: u32) -> ProducerOptions {
    let parameters = json!({
        "codecs": [{ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2 }],
        "encodings": [{ "ssrc": ssrc }],
        "rtcp": { "cname": cname },
    });
    ProducerOptions::new(MediaKind::Audio, serde_json::from_value(parameters).unwrap())
}

fn simulcast_vp8() -> ProducerOptions {
    let parameters = json!({
        "mid": "1",
        "codecs": [
            { "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000 },
            { "mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": { "apt": 96 } },
        ],
        "encodings": [
            { "rid": "r0", "scalabilityMode": "L1T3" },
            { "rid": "r1", "scalabilityMode": "L1T3" },
        ],
    });
    ProducerOptions::new(MediaKind::Video, serde_json::from_value(parameters).unwrap())
}

fn view(router: &Router, producer: &Producer) -> ConsumerOptions {
    ConsumerOptions::new(producer.id(), router.rtp_capabilities().clone())
}

fn cname(parameters: &RtpParameters) -> &str {
    parameters.rtcp.cname.as_deref().unwrap()
}

#[tokio::test]
async fn the_first_cname_is_that_of_all_producers_of_a_transport() {
    let (_, router) = router().await;
    let (named, unnamed) = (transport(&router).await, transport(&router).await);
    for (transport, stated, expected) in [
        (&named, Some("first"), Some("first")),
        (&named, Some("second"), Some("first")),
        (&unnamed, None, None),
    ] {
        let producer = transport.produce(opus(stated, 1)).await.unwrap();
        let cname = cname(producer.rtp_parameters());
        assert_eq!(cname, expected.unwrap_or(cname));
        assert!(!cname.is_empty());
    }
    let again = unnamed.produce(opus(Some("late"), 2)).await.unwrap();
    assert_eq!(cname(again.rtp_parameters()).len(), 8, "a random one was chosen before");
}

#[tokio::test]
async fn a_simulcast_track_goes_to_its_consumer_under_the_routers_names() {
    let (port, router) = router().await;
    let producer = transport(&router).await.produce(simulcast_vp8()).await.unwrap();
    assert_eq!(producer.rtp_type(), RtpType::Simulcast);
    let viewer = transport(&router).await;
    let consumer = viewer.consume(view(&router, &producer)).await.unwrap();
    let other = viewer.consume(view(&router, &producer)).await.unwrap();

    let mapped: Vec<u32> = port
        .asked(|asked| asked.produced[0].mapping.encodings.iter().map(|entry| entry.mapped_ssrc).collect());
    assert_eq!(mapped.len(), 2);
    assert_eq!(port.asked(|asked| asked.consumed[0].mapped_ssrcs.clone()), mapped);
    let parameters = consumer.rtp_parameters();
    assert_eq!(parameters.encodings[0].scalability_mode.as_deref(), Some("L2T3"));
    assert_eq!(parameters.mid.as_deref(), Some("0"));
    assert_eq!(other.rtp_parameters().mid.as_deref(), Some("1"));
    let (ssrc, rtx) = (parameters.encodings[0].ssrc.unwrap(), parameters.encodings[0].rtx.unwrap().ssrc);
    let others = &other.rtp_parameters().encodings[0];
    assert_eq!(rtx, ssrc + 1);
    assert!(![ssrc, rtx].contains(&others.ssrc.unwrap()) && ![ssrc, rtx].contains(&others.rtx.unwrap().ssrc));
}

#[tokio::test]
async fn closing_takes_producers_from_the_router() {
    let (port, router) = router().await;
    let (publisher, viewer) = (transport(&router).await, transport(&router).await);
    let closed = publisher.produce(opus(None, 1)).await.unwrap();
    let orphan = publisher.produce(opus(None, 2)).await.unwrap();
    let can_consume =
        |producer: &Producer| router.can_consume(producer.id(), router.rtp_capabilities()).unwrap();
    assert!(can_consume(&closed) && can_consume(&orphan));

    closed.close().await;
    assert!(!can_consume(&closed) && can_consume(&orphan));
    publisher.close().await;
    assert!(!can_consume(&orphan));
    let refused = viewer.consume(view(&router, &orphan)).await;
    assert!(matches!(refused, Err(ConsumeError::ProducerNotFound(id)) if id == orphan.id()));
    let refused = publisher.produce(opus(None, 3)).await;
    assert!(matches!(refused, Err(ProduceError::Transport(TransportError::NotFound(_)))));

    router.close().await;
    let refused = viewer.produce(opus(None, 4)).await;
    assert!(matches!(refused, Err(ProduceError::Transport(TransportError::NotFound(_)))));
    let refused = router.create_webrtc_transport(WebRtcTransportOptions::default()).await;
    assert!(matches!(refused, Err(TransportError::NotFound(_))));
    assert!(matches!(router.events().try_recv(), Err(broadcast::error::TryRecvError::Closed)));
    let closed = [
        format!("producer {}", closed.id()),
        format!("transport {}", publisher.id()),
        format!("router {}", router.id()),
    ];
    assert_eq!(port.asked(|asked| asked.closed.clone()), closed);
}

#[tokio::test]
async fn what_the_port_refuses_leaves_nothing() {
    let (port, router) = router().await;
    let publisher = transport(&router).await;
    port.asked(|asked| asked.refuse_produce = true);
    assert!(matches!(publisher.produce(opus(None, 1)).await, Err(ProduceError::DuplicateMid(_))));
    port.asked(|asked| asked.refuse_produce = false);
    let producer = publisher.produce(opus(None, 1)).await.unwrap();
    assert_eq!(router.producer_count(), 1);
    assert!(router.can_consume(producer.id(), router.rtp_capabilities()).unwrap());
}

#[tokio::test]
async fn parameters_that_do_not_fit_never_reach_the_port() {
    let (port, router) = router().await;
    let publisher = transport(&router).await;
    let mut video_as_audio = simulcast_vp8();
    video_as_audio.kind = MediaKind::Audio;
    let mut unknown = opus(None, 1);
    unknown.rtp_parameters.codecs[0].mime_type = "audio/unknown".to_owned();
    for options in [video_as_audio, unknown] {
        assert!(matches!(publisher.produce(options).await, Err(ProduceError::Rtp(_))));
    }
    assert!(port.asked(|asked| asked.produced.is_empty()));
}

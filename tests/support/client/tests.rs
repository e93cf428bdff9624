//! The transports against a second peer connection that plays the server: it knows this side by its ORTC
//! parameters alone, and is known by its own.

use std::sync::Arc;

use mediasoup_core::{
    ids::{ConsumerId, DataProducerId, ProducerId, TransportId},
    media::{
        data::SctpStreamParameters,
        rtp::{MediaKind, RtpCapabilities, RtpParameters},
        transport::{DtlsParameters, DtlsRole, TransportParameters},
    },
};
use rtc::sdp::SessionDescription;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use webrtc::{
    peer_connection::{RTCSessionDescription, SettingEngineBuilder},
    rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit},
};

use super::{
    ClientError, ConsumerParameters, Device, RecvTransport, RemoteTrack, SendTransport, TransportSignaling,
    device::engine_kind,
    peer::Peer,
    sdp::{
        local,
        remote::{RemoteDescription, RemoteSection, Setup},
    },
    track::TrackTable,
};
use crate::media::{Clip, Player};

fn room() -> RtpCapabilities {
    let feedback =
        json!([{ "type": "nack" }, { "type": "nack", "parameter": "pli" }, { "type": "transport-cc" }]);
    serde_json::from_value(json!({
        "codecs": [
            { "kind": "audio", "mimeType": "audio/opus", "preferredPayloadType": 100, "clockRate": 48_000,
              "channels": 2, "rtcpFeedback": [{ "type": "transport-cc" }] },
            { "kind": "video", "mimeType": "video/VP8", "preferredPayloadType": 101, "clockRate": 90_000,
              "rtcpFeedback": feedback },
            { "kind": "video", "mimeType": "video/rtx", "preferredPayloadType": 102, "clockRate": 90_000,
              "parameters": { "apt": 101 } },
        ],
        "headerExtensions": [
            { "kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1 },
            { "kind": "video", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1 },
            { "kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "preferredId": 6 },
            { "kind": "audio", "uri": "urn:3gpp:video-orientation", "preferredId": 8 },
        ],
    }))
    .unwrap()
}

/// Keeps what the client tells the server.
#[derive(Default)]
struct Told {
    dtls: Mutex<Option<DtlsParameters>>,
    produced: Mutex<Option<RtpParameters>>,
}

#[async_trait::async_trait]
impl TransportSignaling for Told {
    async fn connect(&self, _: TransportId, dtls: DtlsParameters) -> Result<(), ClientError> {
        assert!(self.dtls.lock().await.replace(dtls).is_none(), "connect is told once");
        Ok(())
    }

    async fn produce(
        &self,
        _: TransportId,
        _: MediaKind,
        parameters: RtpParameters,
    ) -> Result<ProducerId, ClientError> {
        self.produced.lock().await.replace(parameters);
        Ok(ProducerId::random())
    }

    async fn produce_data(
        &self,
        _: TransportId,
        _: SctpStreamParameters,
        _: &str,
    ) -> Result<DataProducerId, ClientError> {
        Ok(DataProducerId::random())
    }
}

/// A lite peer connection in the server's place.
struct Server {
    peer: Peer,
    tracks: TrackTable,
}

impl Server {
    async fn open(device: &Device) -> Self {
        let tracks = TrackTable::default();
        let settings = SettingEngineBuilder::new().with_lite(true).build();
        let bind = vec!["127.0.0.1:0".to_owned()];
        Self { peer: Peer::open_with(device, bind, tracks.clone(), settings).await.unwrap(), tracks }
    }

    /// Offers what its peer connection has been given so far.
    async fn offer(&self) -> (TransportParameters, SessionDescription) {
        let connection = self.peer.connection();
        let offer = connection.create_offer(None).await.unwrap();
        connection.set_local_description(offer).await.unwrap();
        loop {
            let session = connection.local_description().await.unwrap().unmarshal().unwrap();
            if session.media_descriptions[0].attribute("candidate").is_some() {
                return (transport_parameters(&session), session);
            }
            tokio::task::yield_now().await;
        }
    }

    /// Learns of the client through its parameters, and through the ICE credentials that a real server
    /// does not need.
    async fn answered(&self, client: &Peer, dtls: DtlsParameters, section: RemoteSection) {
        let session = client.connection().local_description().await.unwrap().unmarshal().unwrap();
        let transport = TransportParameters { dtls_parameters: dtls, ..transport_parameters(&session) };
        let answer = RemoteDescription {
            transport: &transport,
            setup: Setup::Active,
            sections: &[section],
            version: 1,
        };
        let answer = RTCSessionDescription::answer(answer.to_string()).unwrap();
        self.peer.connection().set_remote_description(answer).await.unwrap();
    }
}

fn transport_parameters(session: &SessionDescription) -> TransportParameters {
    let media = &session.media_descriptions[0];
    let attribute = |key: &str| media.attribute(key).flatten().unwrap_or_default().to_owned();
    let candidates: Vec<Value> = media
        .attributes
        .iter()
        .filter(|attribute| attribute.key == "candidate")
        .map(|attribute| {
            let fields: Vec<&str> = attribute.value.as_deref().unwrap().split(' ').collect();
            json!({ "foundation": fields[0], "priority": fields[3].parse::<u32>().unwrap(), "ip": fields[4],
                    "address": fields[4], "protocol": "udp", "transport": "udp",
                    "port": fields[5].parse::<u16>().unwrap(), "type": "host" })
        })
        .collect();
    serde_json::from_value(json!({
        "id": TransportId::random(),
        "iceParameters": { "usernameFragment": attribute("ice-ufrag"), "password": attribute("ice-pwd"),
                           "iceLite": session.has_attribute("ice-lite") },
        "iceCandidates": candidates,
        "dtlsParameters": local::dtls_parameters(session, DtlsRole::Auto).unwrap(),
    }))
    .unwrap()
}

async fn flows(mut track: RemoteTrack, player: Player, payload_type: u8) {
    let stats = track.wait_for_packets(30).await.unwrap();
    assert_eq!(stats.payload_type, Some(payload_type));
    assert_eq!((stats.missing, stats.reordered), (0, 0), "{stats:?}");
    assert!(player.stop().await.unwrap() >= 30);
}

/// The client publishes; the server has nothing but the parameters of `connect` and `produce`.
async fn publish(kind: MediaKind, mime_type: &str, clip: Clip, payload_type: u8) {
    let device = Device::load(&room());
    let server = Server::open(&device).await;
    let recvonly = RTCRtpTransceiverInit {
        direction: RTCRtpTransceiverDirection::Recvonly,
        streams: vec![],
        send_encodings: vec![],
    };
    server.peer.connection().add_transceiver_from_kind(engine_kind(kind), Some(recvonly)).await.unwrap();
    let (parameters, _) = server.offer().await;

    let told = Arc::new(Told::default());
    let transport = SendTransport::new(&device, parameters, Arc::clone(&told) as _).await.unwrap();
    let local = transport.publish(kind, mime_type).await.unwrap();

    let produced = told.produced.lock().await.take().unwrap();
    assert_eq!(produced.codecs[0].mime_type, mime_type);
    assert_eq!(produced.codecs.len(), produced.encodings[0].rtx.map_or(1, |_| 2), "{produced:?}");
    let uris: Vec<&str> = produced.header_extensions.iter().map(|e| e.uri.as_str()).collect();
    assert!(uris.contains(&"urn:ietf:params:rtp-hdrext:sdes:mid"), "{uris:?}");
    assert!(!uris.contains(&"urn:3gpp:video-orientation"), "{uris:?}");

    let id = ConsumerId::random();
    let remote = server.tracks.expect(id, kind).await;
    let section = RemoteSection::sending("0", kind, &produced, &id.to_string());
    let dtls = told.dtls.lock().await.take().unwrap();
    server.answered(&transport.peer, dtls, section).await;
    transport.connected().await.unwrap();
    flows(remote, Player::start(clip, local), payload_type).await;
    transport.close().await;
    server.peer.close().await;
}

#[tokio::test]
async fn published_audio_arrives() {
    publish(MediaKind::Audio, "audio/opus", Clip::tone_opus(), 100).await;
}

#[tokio::test]
async fn published_video_arrives() {
    publish(MediaKind::Video, "video/VP8", Clip::picture_vp8(), 101).await;
}

/// The client consumes; it has nothing but the parameters of the transport and of the consumer.
#[tokio::test]
async fn consumed_video_arrives() {
    let device = Device::load(&room());
    let server = Server::open(&device).await;
    let track = server.peer.add_sender(&device, MediaKind::Video, "video/VP8", "server").await.unwrap();
    let (parameters, session) = server.offer().await;
    let (mid, sent) = local::sent_parameters(&session, 0).unwrap();

    let told = Arc::new(Told::default());
    let transport = RecvTransport::new(&device, parameters, Arc::clone(&told) as _).await.unwrap();
    let consumer = ConsumerParameters {
        id: ConsumerId::random(),
        producer_id: ProducerId::random(),
        kind: MediaKind::Video,
        rtp_parameters: sent.clone(),
    };
    let remote = transport.consume(&consumer).await.unwrap();
    let dtls = told.dtls.lock().await.take().unwrap();
    assert_eq!(dtls.role, DtlsRole::Client);
    let section = RemoteSection::receiving(&mid, MediaKind::Video, &sent);
    server.answered(&transport.peer, dtls, section).await;
    transport.connected().await.unwrap();

    let local = super::LocalTrack::new(ProducerId::random(), MediaKind::Video, track, &mid, &sent).unwrap();
    flows(remote, Player::start(Clip::picture_vp8(), local), 101).await;
    transport.close().await;
    server.peer.close().await;
}

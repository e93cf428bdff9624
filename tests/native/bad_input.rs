//! What must not work, and must leave everyone else's call alone.

use std::{net::SocketAddr, time::Duration};

use mediasoup_core::media::{rtp::MediaKind, transport::Protocol};
use mediasoup_tests::client::{ClientError, Participant};
use serde_json::{Value, json};
use tokio::{net::UdpSocket, time::timeout};

use crate::server::{Server, consume_next, play};

async fn refused(participant: &Participant, event: &str, request: Value) -> String {
    match participant.request(event, request).await {
        Err(ClientError::Refused { code, .. }) => code,
        other => panic!("{event} was not refused: {other:?}"),
    }
}

fn dtls(fingerprints: &Value) -> Value {
    json!({ "role": "client", "fingerprints": fingerprints })
}

fn fingerprint() -> Value {
    json!({ "algorithm": "sha-256", "value": vec!["AA"; 32].join(":") })
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_uses_what_is_another_participants() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let mut mallory = server.join("room").await;
    let (producer, _player) = play(&alice, MediaKind::Video).await;
    let mut track = consume_next(&mut mallory, MediaKind::Video).await;
    let alices = alice.send_transport().await.unwrap().id();

    let connect = json!({ "transportId": alices, "dtlsParameters": dtls(&json!([fingerprint()])) });
    assert_eq!(refused(&mallory, "connect-transport", connect).await, "TRANSPORT_NOT_FOUND");
    let produce = json!({ "transportId": alices, "kind": "audio", "rtpParameters": {
        "codecs": [{ "mimeType": "audio/opus", "payloadType": 100, "clockRate": 48_000, "channels": 2 }],
        "encodings": [{ "ssrc": 1 }] } });
    assert_eq!(refused(&mallory, "create-producer", produce).await, "TRANSPORT_NOT_FOUND");
    let consume = json!({ "transportId": alices, "producerId": producer,
        "rtpCapabilities": mallory.device().rtp_capabilities() });
    assert_eq!(refused(&mallory, "create-consumer", consume).await, "TRANSPORT_NOT_FOUND");
    assert_eq!(
        refused(&mallory, "restart-ice", json!({ "transportId": alices })).await,
        "TRANSPORT_NOT_FOUND"
    );
    let consumer = json!({ "consumerId": track.consumer_id() });
    assert_eq!(refused(&alice, "pause-consumer", consumer.clone()).await, "CONSUMER_NOT_FOUND");
    assert_eq!(refused(&alice, "close-consumer", consumer).await, "CONSUMER_NOT_FOUND");

    track.wait_for_packets(5).await.unwrap();
    alice.close().await;
    mallory.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transport_connects_once_and_only_with_a_fingerprint() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let id = alice.send_transport().await.unwrap().id();
    let connect = |dtls: Value| json!({ "transportId": id, "dtlsParameters": dtls });
    for bad in [
        dtls(&json!([])),
        json!({ "role": "boss", "fingerprints": [fingerprint()] }),
        dtls(&json!([{ "algorithm": "sha-256", "value": "zz" }])),
        dtls(&json!([{ "algorithm": "md5", "value": "AA" }])),
        json!({}),
        json!("dtls"),
    ] {
        assert_eq!(
            refused(&alice, "connect-transport", connect(bad.clone())).await,
            "INVALID_REQUEST",
            "{bad}"
        );
    }
    // None of them counted as the one call.
    alice.request("connect-transport", connect(dtls(&json!([fingerprint()])))).await.unwrap();
    let again = connect(dtls(&json!([fingerprint()])));
    assert_eq!(refused(&alice, "connect-transport", again).await, "INVALID_REQUEST");
    alice.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_do_not_fit_the_room_are_refused() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let id = alice.send_transport().await.unwrap().id();
    let opus = json!({ "mimeType": "audio/opus", "payloadType": 100, "clockRate": 48_000, "channels": 2 });
    let speex = json!({ "mimeType": "audio/speex", "payloadType": 97, "clockRate": 16_000 });
    for (codecs, encodings) in [
        (json!([speex]), json!([{ "ssrc": 1 }])),
        (json!([]), json!([{ "ssrc": 1 }])),
        (json!([opus]), json!([{ "ssrc": -1 }])),
        (json!([{ "mimeType": "opus" }]), json!([{ "ssrc": 1 }])),
    ] {
        let request = json!({ "transportId": id, "kind": "audio",
            "rtpParameters": { "codecs": codecs, "encodings": encodings } });
        let code = refused(&alice, "create-producer", request.clone()).await;
        assert!(["INVALID_REQUEST", "UNSUPPORTED"].contains(&code.as_str()), "{code} for {request}");
    }
    let parameters = json!({ "codecs": [opus], "encodings": [{ "ssrc": 77 }] });
    let request = json!({ "transportId": id, "kind": "audio", "rtpParameters": parameters });
    alice.request("create-producer", request.clone()).await.unwrap();
    assert_eq!(refused(&alice, "create-producer", request).await, "INVALID_REQUEST", "the SSRC is in use");
    alice.close().await;
    server.shutdown().await;
}

/// STUN with an unknown and with a malformed user, a DTLS hello, RTP and RTCP of nobody, noise.
fn rogue_datagrams() -> Vec<Vec<u8>> {
    let stun = |attributes: &[u8]| {
        let mut message = vec![0, 1, 0, u8::try_from(attributes.len()).unwrap(), 0x21, 0x12, 0xa4, 0x42];
        message.extend([7; 12]);
        message.extend(attributes);
        message
    };
    vec![
        stun(&[]),
        stun(&[0, 6, 0, 8, b'n', b'o', b'b', b'o', b'd', b'y', b':', b'x']),
        stun(&[0, 6, 0xff, 0xff]),
        [&[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4][..], &[1, 0, 0, 0]].concat(),
        [&[0x80, 100, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1][..], &[0; 40]].concat(),
        [&[0x80, 200, 0, 6, 0, 0, 0, 1][..], &[0; 40]].concat(),
        vec![0xff; 1500],
        vec![],
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn rogue_packets_get_no_answer_and_disturb_nobody() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let mut bob = server.join("room").await;
    let created = bob.request("create-transport", json!({ "direction": "send" })).await.unwrap();
    let candidates = created["transport"]["iceCandidates"].as_array().unwrap();
    let udp = candidates.iter().find(|c| c["protocol"] == json!(Protocol::Udp)).unwrap();
    let address = format!("{}:{}", udp["address"].as_str().unwrap(), udp["port"]);
    let address: SocketAddr = address.parse().unwrap();

    let (_, _player) = play(&alice, MediaKind::Video).await;
    let mut track = consume_next(&mut bob, MediaKind::Video).await;
    track.wait_for_packets(5).await.unwrap();
    let rogue = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for datagram in rogue_datagrams() {
        for _ in 0..20 {
            rogue.send_to(&datagram, address).await.unwrap();
        }
    }
    let stats = track.wait_for_packets(30).await.unwrap();
    assert_eq!((stats.missing, stats.reordered), (0, 0), "{stats:?}");
    let mut answer = [0; 2048];
    let silence = timeout(Duration::from_millis(200), rogue.recv(&mut answer)).await;
    assert!(silence.is_err(), "answered with {silence:?}");
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

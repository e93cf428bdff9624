//! The mapping, without a peer connection: what `remote` writes, `local` reads back.

use std::io::Cursor;

use mediasoup_core::media::{
    data::SctpOptions,
    rtp::{MediaKind, RtpParameters},
    transport::{DtlsRole, FingerprintAlgorithm, TransportParameters},
};
use rtc::sdp::SessionDescription;
use serde_json::json;

use super::{
    fmtp, local,
    remote::{RemoteDescription, RemoteSection, Setup},
};

fn transport() -> TransportParameters {
    serde_json::from_value(json!({
        "id": "00000000-0000-4000-8000-000000000001",
        "iceParameters": { "usernameFragment": "ufrag", "password": "password", "iceLite": true },
        "iceCandidates": [
            { "foundation": "udpcandidate", "priority": 1_076_302_079, "ip": "127.0.0.1", "address": "127.0.0.1",
              "protocol": "udp", "transport": "udp", "port": 40_000, "type": "host" },
            { "foundation": "tcpcandidate", "priority": 1_076_276_479, "ip": "127.0.0.1", "address": "127.0.0.1",
              "protocol": "tcp", "transport": "tcp", "port": 40_000, "type": "host", "tcpType": "passive" },
        ],
        "dtlsParameters": { "role": "auto", "fingerprints": [
            { "algorithm": "sha-256", "value": "AA:BB" }, { "algorithm": "sha-512", "value": "CC:DD" },
        ] },
    }))
    .unwrap()
}

fn video() -> RtpParameters {
    serde_json::from_value(json!({
        "mid": "7",
        "codecs": [
            { "mimeType": "video/H264", "payloadType": 103, "clockRate": 90_000,
              "parameters": { "packetization-mode": 1, "profile-level-id": "640032" },
              "rtcpFeedback": [{ "type": "nack", "parameter": "" }, { "type": "nack", "parameter": "pli" }] },
            { "mimeType": "video/rtx", "payloadType": 104, "clockRate": 90_000,
              "parameters": { "apt": 103 }, "rtcpFeedback": [] },
        ],
        "headerExtensions": [
            { "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1, "encrypt": false, "parameters": {} },
        ],
        "encodings": [{ "ssrc": 1111, "rtx": { "ssrc": 2222 } }],
        "rtcp": { "cname": "cname", "reducedSize": true },
        "msid": "stream track",
    }))
    .unwrap()
}

fn written(sections: &[RemoteSection], setup: Setup) -> (String, SessionDescription) {
    let transport = transport();
    let text = RemoteDescription { transport: &transport, setup, sections, version: 1 }.to_string();
    let parsed = SessionDescription::unmarshal(&mut Cursor::new(text.as_bytes())).unwrap();
    (text, parsed)
}

#[test]
fn what_the_server_sends_survives_the_way_through_sdp() {
    let sections = [RemoteSection::sending("7", MediaKind::Video, &video(), "track")];
    let (text, session) = written(&sections, Setup::Actpass);
    let (mid, read) = local::sent_parameters(&session, 0).unwrap();
    assert_eq!((mid.as_str(), read), ("7", video()), "{text}");
    assert!(text.contains("a=sendonly\r\n") && text.contains("a=setup:actpass\r\n"), "{text}");
}

#[test]
fn the_transport_is_described_in_full() {
    let sections = [RemoteSection::receiving("0", MediaKind::Video, &video())];
    let (text, session) = written(&sections, Setup::Passive);
    for line in [
        "a=ice-lite",
        "a=group:BUNDLE 0",
        "a=ice-ufrag:ufrag",
        "a=ice-pwd:password",
        "a=candidate:udpcandidate 1 udp 1076302079 127.0.0.1 40000 typ host",
        "a=setup:passive",
        "a=recvonly",
    ] {
        assert!(text.contains(&format!("{line}\r\n")), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("tcpcandidate") && !text.contains("a=ssrc"), "{text}");
    let dtls = local::dtls_parameters(&session, DtlsRole::Client).unwrap();
    assert_eq!(dtls.fingerprints[0].algorithm, FingerprintAlgorithm::Sha256);
    assert_eq!(dtls.fingerprints[0].value, "AA:BB");
}

#[test]
fn data_channels_have_a_section_of_their_own() {
    let sections = [RemoteSection::receiving("0", MediaKind::Video, &video()), RemoteSection::data("1")];
    let mut transport = transport();
    transport.sctp_parameters = Some(SctpOptions::default().into());
    let description =
        RemoteDescription { transport: &transport, setup: Setup::Passive, sections: &sections, version: 1 };
    let text = description.to_string();
    let session = SessionDescription::unmarshal(&mut Cursor::new(text.as_bytes())).unwrap();
    assert_eq!(local::data_mid(&session).unwrap(), "1");
    assert!(text.contains("a=sctp-port:5000\r\na=max-message-size:262144\r\n"), "{text}");
    let (_, without) = written(&sections[..1], Setup::Passive);
    assert!(local::data_mid(&without).is_err());
}

#[test]
fn a_closed_section_keeps_its_place() {
    let mut sections = [
        RemoteSection::sending("0", MediaKind::Video, &video(), "a"),
        RemoteSection::sending("1", MediaKind::Video, &video(), "b"),
    ];
    sections[0].deactivate();
    let (text, session) = written(&sections, Setup::Actpass);
    assert_eq!(session.media_descriptions.len(), 2);
    assert_eq!(text.matches("a=inactive\r\n").count(), 1);
    assert_eq!(text.matches("a=sendonly\r\n").count(), 1);
}

#[test]
fn descriptions_that_lack_something_are_errors() {
    let sections = [RemoteSection::receiving("0", MediaKind::Video, &video())];
    let (_, session) = written(&sections, Setup::Passive);
    assert!(local::sent_parameters(&session, 1).is_err(), "there is no second section");
    assert!(local::sent_parameters(&session, 0).is_err(), "a receiver has no ssrc");
    assert!(local::dtls_parameters(&SessionDescription::default(), DtlsRole::Client).is_err());
}

#[test]
fn profile_level_ids_stay_text() {
    let parameters = fmtp::read("level-asymmetry-allowed=1; profile-level-id=420016;x");
    assert_eq!(
        serde_json::to_value(&parameters).unwrap(),
        json!({ "level-asymmetry-allowed": 1, "profile-level-id": "420016", "x": "" })
    );
    assert_eq!(fmtp::read(&fmtp::write(&parameters)), parameters);
}

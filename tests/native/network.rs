//! Where a server listens, and how it is reached.

use std::net::{IpAddr, Ipv6Addr, UdpSocket};

use mediasoup_core::media::rtp::MediaKind;
use mediasoup_server::config::{Config, ListenIp};
use mediasoup_tests::client::Participant;
use serde_json::{Value, json};

use crate::server::{Server, consume_next, play};

async fn candidates(participant: &Participant) -> Vec<Value> {
    let created = participant.request("create-transport", json!({ "direction": "send" })).await.unwrap();
    created["transport"]["iceCandidates"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_transports_of_a_worker_share_its_ports() {
    let server = Server::start().await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let bob = server.join("room").await;
    let (theirs, others) = (candidates(&alice).await, candidates(&bob).await);
    let protocols: Vec<_> = theirs.iter().map(|candidate| candidate["protocol"].clone()).collect();
    assert_eq!(protocols, ["udp", "tcp"]);
    let ports = |all: &[Value]| all.iter().map(|candidate| candidate["port"].clone()).collect::<Vec<_>>();
    assert_eq!(ports(&theirs), ports(&others));
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn media_goes_over_ipv6() {
    let loopback = IpAddr::from(Ipv6Addr::LOCALHOST);
    if UdpSocket::bind((loopback, 0)).is_err() {
        println!("not tested: this machine has no IPv6");
        return;
    }
    let mut config = Config::default();
    config.web_rtc_transport.listen_ips =
        vec![ListenIp { ip: loopback, announced_ip: None, expose_internal_ip: false }];
    let server = Server::with(config).await;
    server.create_room("room").await;
    let alice = server.join("room").await;
    let mut bob = server.join("room").await;
    for candidate in candidates(&alice).await {
        assert_eq!(candidate["address"], "::1", "{candidate}");
    }
    let (_, _player) = play(&alice, MediaKind::Video).await;
    let mut track = consume_next(&mut bob, MediaKind::Video).await;
    let stats = track.wait_for_packets(30).await.unwrap();
    assert_eq!((stats.missing, stats.reordered), (0, 0), "{stats:?}");
    alice.close().await;
    bob.close().await;
    server.shutdown().await;
}

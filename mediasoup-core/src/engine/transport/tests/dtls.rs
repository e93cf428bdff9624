//! DTLS within a session, and the keys it gives.

use super::*;

#[test]
fn media_flows_both_ways_in_both_roles() {
    let now = Instant::now();
    for role in [Side::Client, Side::Server] {
        let (mut session, mut peer) = connected(role, now);
        let (profile, keys) = peer.keys.as_mut().expect("the handshake is done");
        assert_eq!(*profile, SrtpProfile::AeadAes256Gcm);

        let mut packet = rtp_packet(1, 1);
        keys.seal_rtp(&mut packet, 0).expect("it seals");
        assert_eq!(session.open_rtp(tuple(1), &mut packet), Ok(&mut rtp_packet(1, 1)[..]));
        let mut packet = rtcp_packet(1);
        keys.seal_rtcp(&mut packet, 0).expect("it seals");
        assert_eq!(session.open_rtcp(tuple(1), &mut packet), Ok(&mut rtcp_packet(1)[..]));

        let mut buffer = b"before".to_vec();
        buffer.extend(rtp_packet(2, 7));
        assert_eq!(session.seal_rtp(&mut buffer, 6), Some(tuple(1)));
        assert_eq!(&buffer[..6], b"before");
        assert_eq!(keys.open_rtp(&mut buffer[6..]), Ok(&mut rtp_packet(2, 7)[..]));
        let mut buffer = rtcp_packet(2);
        assert_eq!(session.seal_rtcp(&mut buffer, 0), Some(tuple(1)));
        assert_eq!(keys.open_rtcp(&mut buffer), Ok(&mut rtcp_packet(2)[..]));
    }
}

#[test]
fn our_role_is_the_other_one_and_client_where_the_peer_leaves_it_to_us() {
    let now = Instant::now();
    for (theirs, ours) in [
        (DtlsRole::Client, DtlsRole::Server),
        (DtlsRole::Server, DtlsRole::Client),
        (DtlsRole::Auto, DtlsRole::Client),
    ] {
        let parameters = DtlsParameters { role: theirs, ..Peer::new(Side::Client, now).parameters() };
        assert_eq!(session(now).connect(now, &parameters).expect("it is valid"), ours);
    }
}

#[test]
fn events_tell_the_story_in_order() {
    let now = Instant::now();
    let mut session = session(now);
    let mut peer = Peer::new(Side::Client, now);
    session.check(now, tuple(1), &Check::default());
    session.connect(now, &peer.parameters()).expect("it is valid");
    talk(now, &mut session, &mut peer, tuple(1));
    assert_eq!(
        session.events(),
        [
            SessionEvent::TupleAdded(tuple(1)),
            SessionEvent::Ice(IceState::Connected),
            SessionEvent::Dtls(DtlsState::Connecting),
            SessionEvent::Dtls(DtlsState::Connected),
        ]
    );
}

#[test]
fn as_client_we_say_hello_once_there_is_a_tuple() {
    let now = Instant::now();
    let mut session = session(now);
    let mut peer = Peer::new(Side::Server, now);
    session.connect(now, &peer.parameters()).expect("it is valid");
    assert_eq!(session.transmits(), []);
    assert_eq!(session.poll_timeout(), None);
    session.check(now, tuple(1), &Check::default());
    let sent = session.transmits();
    assert_eq!(sent.len(), 2, "the answer to the check and a ClientHello");
    assert_eq!(sent[1].1[0], 22);
    assert!(session.poll_timeout().expect("a retransmission is due") < now + Duration::from_millis(200));
    let flight = peer.handle(now, Some(&sent[1].1));
    for datagram in flight {
        session.handle_dtls(now, tuple(1), &datagram);
    }
    talk(now, &mut session, &mut peer, tuple(1));
    assert_eq!(session.dtls_state(), DtlsState::Connected);
}

#[test]
fn another_certificate_than_the_announced_one_fails_and_gives_no_keys() {
    let now = Instant::now();
    for role in [Side::Client, Side::Server] {
        let mut session = session(now);
        let mut peer = Peer::new(role, now);
        let announced = DtlsParameters {
            fingerprints: Peer::new(role, now).parameters().fingerprints,
            ..peer.parameters()
        };
        session.check(now, tuple(1), &Check::default());
        session.connect(now, &announced).expect("it is valid");
        talk(now, &mut session, &mut peer, tuple(1));
        assert_eq!(session.dtls_state(), DtlsState::Failed);
        assert_eq!(session.events().last(), Some(&SessionEvent::Dtls(DtlsState::Failed)));
        assert!(peer.keys.is_none());
        assert_eq!(session.open_rtp(tuple(1), &mut rtp_packet(1, 1)), Err(Rejected::NotConnected));
        let mut buffer = rtp_packet(1, 1);
        assert_eq!(session.seal_rtp(&mut buffer, 0), None);
        assert!(buffer.is_empty());

        // Nothing is answered any more: not the same peer's retransmission, not a new one's hello.
        let later = now + Duration::from_secs(2);
        for mut stranger in [peer, Peer::new(Side::Client, now)] {
            for datagram in stranger.handle(later, None) {
                session.handle_dtls(later, tuple(1), &datagram);
            }
        }
        session.handle_timeout(later);
        assert_eq!(session.transmits(), []);
        assert_eq!(session.poll_timeout(), Some(now + CONSENT_TIMEOUT), "DTLS waits for nothing");
    }
}

#[test]
fn fingerprints_are_taken_in_either_case_and_refused_otherwise() {
    let now = Instant::now();
    let peer = Peer::new(Side::Client, now);
    let valid = peer.parameters().fingerprints[0].value.clone();
    let connect = |algorithm, value: &str| {
        let fingerprint = DtlsFingerprint { algorithm, value: value.into() };
        session(now).connect(now, &DtlsParameters { role: DtlsRole::Client, fingerprints: vec![fingerprint] })
    };
    assert!(connect(FingerprintAlgorithm::Sha256, &valid).is_ok());
    assert!(connect(FingerprintAlgorithm::Sha256, &valid.to_lowercase()).is_ok());
    for (algorithm, value) in [
        (FingerprintAlgorithm::Sha1, &valid[..59]),
        (FingerprintAlgorithm::Sha224, &valid[..83]),
        (FingerprintAlgorithm::Sha384, &valid),
        (FingerprintAlgorithm::Sha256, &valid[..92]),
        (FingerprintAlgorithm::Sha256, &valid.replace(':', "-")),
        (FingerprintAlgorithm::Sha256, &valid.replacen(&valid[..2], "+1", 1)),
        (FingerprintAlgorithm::Sha256, &valid.replacen(&valid[..2], "é", 1)),
        (FingerprintAlgorithm::Sha256, ""),
    ] {
        assert!(matches!(connect(algorithm, value), Err(TransportError::InvalidFingerprint)), "{value}");
    }
    let none = DtlsParameters { role: DtlsRole::Client, fingerprints: vec![] };
    assert!(matches!(session(now).connect(now, &none), Err(TransportError::NoFingerprint)));
}

#[test]
fn the_first_fingerprint_counts() {
    let now = Instant::now();
    let mut session = session(now);
    let mut peer = Peer::new(Side::Client, now);
    let mut parameters = peer.parameters();
    parameters.fingerprints.insert(0, Peer::new(Side::Client, now).parameters().fingerprints.remove(0));
    session.check(now, tuple(1), &Check::default());
    session.connect(now, &parameters).expect("it is valid");
    talk(now, &mut session, &mut peer, tuple(1));
    assert_eq!(session.dtls_state(), DtlsState::Failed);
}

#[test]
fn a_second_connect_changes_nothing() {
    let now = Instant::now();
    let (mut session, mut peer) = connected(Side::Client, now);
    let other = Peer::new(Side::Server, now).parameters();
    assert!(matches!(session.connect(now, &other), Err(TransportError::AlreadyConnected)));
    assert_eq!(session.events(), []);
    assert_eq!(session.transmits(), []);
    let mut packet = rtp_packet(1, 1);
    peer.keys.as_mut().expect("it is connected").1.seal_rtp(&mut packet, 0).expect("it seals");
    assert!(session.open_rtp(tuple(1), &mut packet).is_ok());
}

#[test]
fn a_failed_connect_may_be_followed_by_a_good_one() {
    let now = Instant::now();
    let mut session = session(now);
    let none = DtlsParameters { role: DtlsRole::Client, fingerprints: vec![] };
    assert!(session.connect(now, &none).is_err());
    assert_eq!(session.dtls_state(), DtlsState::New);
    assert_eq!(session.events(), []);
    assert!(session.connect(now, &Peer::new(Side::Client, now).parameters()).is_ok());
}

#[test]
fn early_dtls_is_dropped_and_never_answered() {
    let now = Instant::now();
    let mut session = session(now);
    let mut peer = Peer::new(Side::Client, now);
    let hello = peer.handle(now, None);
    // Before connect(), even from a validated tuple.
    session.check(now, tuple(1), &Check::default());
    session.transmits();
    for datagram in &hello {
        session.handle_dtls(now, tuple(1), datagram);
    }
    assert_eq!(session.transmits(), []);
    // After it, but from a tuple that ICE has not validated.
    session.connect(now, &peer.parameters()).expect("it is valid");
    for datagram in &hello {
        session.handle_dtls(now, tuple(2), datagram);
    }
    assert_eq!(session.transmits(), []);
    // The peer repeats itself, and all is well.
    for datagram in &hello {
        session.handle_dtls(now, tuple(1), datagram);
    }
    assert!(!session.transmits().is_empty());
}

#[test]
fn strangers_do_not_disturb() {
    let now = Instant::now();
    let (mut session, mut peer) = connected(Side::Client, now);
    let keys = &mut peer.keys.as_mut().expect("it is connected").1;
    let mut sealed = rtp_packet(1, 1);
    keys.seal_rtp(&mut sealed, 0).expect("it seals");
    assert_eq!(session.open_rtp(tuple(2), &mut sealed.clone()), Err(Rejected::UnknownTuple));
    assert_eq!(session.open_rtcp(tuple(2), &mut sealed.clone()), Err(Rejected::UnknownTuple));
    for datagram in Peer::new(Side::Client, now).handle(now, None) {
        session.handle_dtls(now, tuple(2), &datagram);
    }
    let wrong_password = IceParameters { password: "guessed".into(), ..ice_parameters("ours") };
    session.handle_stun(now, tuple(2), &Check::NOMINATING.request(&wrong_password));
    session.handle_tuple_closed(now, tuple(2));
    assert_eq!(session.transmits(), []);
    assert_eq!(session.events(), []);
    assert_eq!(session.selected_tuple(), Some(tuple(1)));
    assert!(session.open_rtp(tuple(1), &mut sealed).is_ok());
}

#[test]
fn rubbish_does_not_disturb() {
    let now = Instant::now();
    let (mut session, mut peer) = connected(Side::Client, now);
    for len in 0..200 {
        for first in [0, 20, 21, 22, 23, 63, 128, 255] {
            let mut datagram = vec![first; len];
            session.handle_stun(now, tuple(1), &datagram);
            session.handle_dtls(now, tuple(1), &datagram);
            assert!(session.open_rtp(tuple(1), &mut datagram).is_err());
            assert!(session.open_rtcp(tuple(1), &mut datagram).is_err());
        }
    }
    assert_eq!(session.events(), []);
    let mut packet = rtp_packet(1, 1);
    peer.keys.as_mut().expect("it is connected").1.seal_rtp(&mut packet, 0).expect("it seals");
    assert!(session.open_rtp(tuple(1), &mut packet).is_ok());
}

#[test]
fn closing_says_goodbye() {
    let now = Instant::now();
    let (mut session, mut peer) = connected(Side::Client, now);
    session.close(now);
    assert_eq!((session.ice_state(), session.dtls_state()), (IceState::Closed, DtlsState::Closed));
    assert_eq!(
        session.events(),
        [
            SessionEvent::Dtls(DtlsState::Closed),
            SessionEvent::TupleRemoved(tuple(1)),
            SessionEvent::Ice(IceState::Closed),
        ]
    );
    for (to, datagram) in session.transmits() {
        assert_eq!(to, tuple(1));
        peer.handle(now, Some(&datagram));
    }
    assert!(peer.goodbye);
    session.close(now);
    session.check(now, tuple(1), &Check::default());
    assert_eq!(session.events(), []);
    assert_eq!(session.transmits(), []);
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn closing_before_the_handshake_is_done_is_silent() {
    let now = Instant::now();
    let mut session = session(now);
    session.connect(now, &Peer::new(Side::Server, now).parameters()).expect("it is valid");
    session.close(now);
    assert_eq!(session.transmits(), []);
    assert_eq!(session.dtls_state(), DtlsState::Closed);
}

#[test]
fn the_peers_goodbye_closes_dtls_and_takes_the_keys() {
    let now = Instant::now();
    let (mut session, mut peer) = connected(Side::Client, now);
    peer.dtls.close().expect("it is open");
    talk(now, &mut session, &mut peer, tuple(1));
    assert_eq!(session.dtls_state(), DtlsState::Closed);
    assert_eq!(session.events(), [SessionEvent::Dtls(DtlsState::Closed)]);
    assert_eq!(session.open_rtp(tuple(1), &mut rtp_packet(1, 1)), Err(Rejected::NotConnected));
}

#[test]
fn a_handshake_nobody_answers_fails() {
    let mut now = Instant::now();
    let mut session = session(now);
    session.check(now, tuple(1), &Check::default());
    session.connect(now, &Peer::new(Side::Server, now).parameters()).expect("it is valid");
    let start = now;
    while session.dtls_state() == DtlsState::Connecting {
        session.check(now, tuple(1), &Check::default());
        now = session.poll_timeout().expect("there is a deadline");
        session.handle_timeout(now);
        session.transmits();
    }
    assert_eq!(session.dtls_state(), DtlsState::Failed);
    assert!(now - start <= Duration::from_secs(30));
}

#[test]
fn application_data_is_dropped() {
    let now = Instant::now();
    let (mut session, mut peer) = connected(Side::Client, now);
    for _ in 0..1_000 {
        peer.dtls.send_application_data(&[1; 1_000]).expect("it is open");
        for datagram in peer.handle(now, None) {
            session.handle_dtls(now, tuple(1), &datagram);
        }
    }
    assert_eq!(session.dtls_state(), DtlsState::Connected);
    assert_eq!(session.transmits(), []);
}

#[test]
fn the_last_fingerprint_is_sha_256_in_upper_case() {
    let identity = DtlsIdentity::generate().expect("the system has randomness");
    let fingerprints = identity.fingerprints();
    let lengths = fingerprints.iter().map(|it| it.value.len().div_ceil(3)).collect::<Vec<_>>();
    assert_eq!(lengths, [20, 28, 48, 64, 32]);
    let last = fingerprints.last().expect("there are five");
    assert_eq!(last.algorithm, FingerprintAlgorithm::Sha256);
    assert!(last.value.bytes().all(|it| matches!(it, b'0'..=b'9' | b'A'..=b'F' | b':')));
}

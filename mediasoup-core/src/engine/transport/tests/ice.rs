//! Checks, nomination, consent and restarts.

use proptest::prelude::*;

use super::*;

fn active(now: Instant) -> SecureSession {
    let mut session = session(now);
    session.check(now, tuple(1), &Check::default());
    session.events();
    session.transmits();
    session
}

fn answer(session: &mut SecureSession) -> Message {
    let mut sent = session.transmits();
    assert_eq!(sent.len(), 1);
    let mut message = Message::new();
    message.unmarshal_binary(&sent.remove(0).1).expect("it is STUN");
    message
}

fn is_signed(message: &mut Message, ice: &IceParameters) -> bool {
    let provider = rtc_stun::crypto::default_provider().expect("there is one");
    FINGERPRINT.check(message).is_ok()
        && MessageIntegrity::check(message, ice.password.as_bytes(), provider.crypto()).is_ok()
}

#[test]
fn the_first_check_selects_and_is_answered() {
    let now = start();
    let mut session = session(now);
    assert_eq!((session.ice_state(), session.selected_tuple()), (IceState::New, None));
    let request = Check::default().request(session.ice_parameters());
    assert_eq!(stun_username_fragment(&request), Some("ours"));
    session.handle_stun(now, tuple(1), &request);
    assert_eq!((session.ice_state(), session.selected_tuple()), (IceState::Connected, Some(tuple(1))));
    let mut answer = answer(&mut session);
    assert_eq!(answer.typ, BINDING_SUCCESS);
    assert_eq!(answer.raw[8..20], request[8..20]);
    assert!(is_signed(&mut answer, session.ice_parameters()));
    let mut mapped = XorMappedAddress::default();
    mapped.get_from(&answer).expect("it is there");
    assert_eq!(SocketAddr::new(mapped.ip, mapped.port), tuple(1).remote);
}

#[test]
fn what_is_not_authentic_is_not_answered() {
    let now = start();
    let mut session = session(now);
    let ours = ice_parameters("ours");
    let request = Check::NOMINATING.request(&ours);
    for position in 0..request.len() {
        for bit in 0..8 {
            let mut flipped = request.clone();
            flipped[position] ^= 1 << bit;
            session.handle_stun(now, tuple(1), &flipped);
        }
    }
    for len in 0..request.len() {
        session.handle_stun(now, tuple(1), &request[..len]);
        assert_eq!(stun_username_fragment(&request[..len]), None);
    }
    for stranger in [
        IceParameters { password: "guessed".into(), ..ours.clone() },
        IceParameters { username_fragment: "other".into(), ..ours },
    ] {
        session.handle_stun(now, tuple(1), &Check::NOMINATING.request(&stranger));
    }
    assert_eq!(session.ice_state(), IceState::New);
    assert_eq!(session.transmits(), []);
    assert_eq!(session.events(), []);
}

#[test]
fn what_follows_the_integrity_is_not_believed() {
    let now = start();
    let mut session = session(now);
    let mut message = Message::new();
    message.unmarshal_binary(&Check::default().request(session.ice_parameters())).expect("it is STUN");
    // Cut off FINGERPRINT, add what an eavesdropper would like to, and a new FINGERPRINT.
    message.raw.truncate(message.raw.len() - 8);
    message.length -= 8;
    message.attributes.0.pop();
    message.add(ATTR_USE_CANDIDATE, &[]);
    FINGERPRINT.add_to(&mut message).expect("it fits");
    session.handle_stun(now, tuple(1), &message.raw);
    assert_eq!(session.ice_state(), IceState::Connected, "authentic, but not nominating");
}

#[test]
fn attributes_we_must_know_and_do_not_are_named() {
    let now = start();
    let mut session = session(now);
    session.check(now, tuple(1), &Check { unknown: Some(0x7abc), ..Check::default() });
    let mut answer = answer(&mut session);
    assert_eq!(answer.typ, BINDING_ERROR);
    assert!(is_signed(&mut answer, session.ice_parameters()));
    let mut error = ErrorCodeAttribute::default();
    error.get_from(&answer).expect("it is there");
    assert_eq!(error.code.0, 420);
    let mut unknown = UnknownAttributes(vec![]);
    unknown.get_from(&answer).expect("it is there");
    assert_eq!(unknown.0, [AttrType(0x7abc)]);
    assert_eq!(session.ice_state(), IceState::New);

    session.check(now, tuple(1), &Check { unknown: Some(0xc057), ..Check::default() });
    assert_eq!(session.ice_state(), IceState::Connected, "this one may be ignored");
}

#[test]
fn a_peer_that_wants_to_be_controlled_is_told_no() {
    let now = start();
    let mut session = session(now);
    let check = Check { controlled: true, ..Check::default() };
    let request = check.request(session.ice_parameters());
    session.handle_stun(now, tuple(1), &request);
    let mut answer = answer(&mut session);
    assert!(is_signed(&mut answer, session.ice_parameters()));
    assert!(answer.raw.len() <= 3 * request.len());
    let mut error = ErrorCodeAttribute::default();
    error.get_from(&answer).expect("it is there");
    assert_eq!(error.code.0, 487);
    assert_eq!(session.ice_state(), IceState::New);
}

#[test]
fn nomination_completes_and_moves() {
    let now = start();
    let mut session = active(now);
    session.check(now, tuple(2), &Check::default());
    assert_eq!(session.selected_tuple(), Some(tuple(1)), "valid, but not nominated");
    session.check(now, tuple(2), &Check::NOMINATING);
    assert_eq!((session.ice_state(), session.selected_tuple()), (IceState::Completed, Some(tuple(2))));
    assert_eq!(
        session.events(),
        [SessionEvent::TupleAdded(tuple(2)), SessionEvent::Ice(IceState::Completed)]
    );
    session.check(now, tuple(1), &Check::NOMINATING);
    assert_eq!(session.selected_tuple(), Some(tuple(1)));
    assert_eq!(session.events(), []);
}

#[test]
fn of_renominations_the_highest_counts() {
    let now = start();
    for attribute in [0x0030, 0xC001] {
        let mut session = active(now);
        let mut nominate = |number, value| {
            session.check(now, tuple(number), &Check::renominating(attribute, value));
            session.selected_tuple()
        };
        assert_eq!(nominate(2, 5), Some(tuple(2)));
        assert_eq!(nominate(3, 4), Some(tuple(2)));
        assert_eq!(nominate(3, 5), Some(tuple(2)));
        assert_eq!(nominate(3, 6), Some(tuple(3)));
        session.restart_ice(ice_parameters("again"));
        session.check(now, tuple(1), &Check::renominating(attribute, 1));
        assert_eq!(session.selected_tuple(), Some(tuple(1)), "after a restart they are counted anew");
    }
}

#[test]
fn silence_disconnects_and_a_check_connects_again() {
    let now = start();
    let mut session = active(now);
    assert_eq!(session.poll_timeout(), Some(now + CONSENT_TIMEOUT));
    let later = now + CONSENT_TIMEOUT / 2;
    session.check(later, tuple(1), &Check::default());
    session.handle_timeout(now + CONSENT_TIMEOUT);
    assert_eq!(session.ice_state(), IceState::Connected);
    session.transmits();
    let end = later + CONSENT_TIMEOUT;
    assert_eq!(session.poll_timeout(), Some(end));
    session.handle_timeout(end);
    assert_eq!((session.ice_state(), session.selected_tuple()), (IceState::Disconnected, None));
    assert_eq!(
        session.events(),
        [SessionEvent::TupleRemoved(tuple(1)), SessionEvent::Ice(IceState::Disconnected)]
    );
    assert_eq!(session.poll_timeout(), None);
    session.check(end, tuple(2), &Check::NOMINATING);
    assert_eq!((session.ice_state(), session.selected_tuple()), (IceState::Completed, Some(tuple(2))));
    assert_eq!(
        session.events(),
        [SessionEvent::TupleAdded(tuple(2)), SessionEvent::Ice(IceState::Completed)]
    );
}

#[test]
fn without_consent_timeout_silence_is_fine() {
    let now = start();
    let identity = Arc::new(DtlsIdentity::generate().expect("the system has randomness"));
    let mut session = SecureSession::new(ice_parameters("ours"), identity, None, now);
    session.check(now, tuple(1), &Check::default());
    assert_eq!(session.poll_timeout(), None);
    session.handle_timeout(now + Duration::from_secs(1_000_000));
    assert_eq!(session.ice_state(), IceState::Connected);
}

#[test]
fn keys_outlive_a_lost_path() {
    let now = start();
    let (mut session, mut peer) = connected(Side::Client, now);
    let later = now + CONSENT_TIMEOUT;
    session.handle_timeout(later);
    let mut buffer = rtp_packet(1, 1);
    assert_eq!(session.seal_rtp(&mut buffer, 0), None, "no consent, no media");
    session.check(later, tuple(2), &Check::NOMINATING);
    let mut buffer = rtp_packet(1, 1);
    assert_eq!(session.seal_rtp(&mut buffer, 0), Some(tuple(2)));
    assert!(peer.keys.as_mut().expect("it is connected").1.open_rtp(&mut buffer).is_ok());
}

#[test]
fn the_ninth_tuple_takes_the_place_of_the_one_longest_unchecked() {
    let now = start();
    let mut session = active(now);
    for number in 2..=8 {
        session.check(now, tuple(number), &Check::default());
    }
    session.check(now, tuple(2), &Check::default());
    session.events();
    session.check(now, tuple(9), &Check::default());
    assert_eq!(
        session.events(),
        [SessionEvent::TupleRemoved(tuple(3)), SessionEvent::TupleAdded(tuple(9))],
        "not 1, which is selected, nor 2, just checked"
    );
    assert_eq!(session.selected_tuple(), Some(tuple(1)));
}

#[test]
fn a_closed_connection_gives_way_to_another_tuple() {
    let now = start();
    let mut session = active(now);
    let tcp = Tuple { protocol: Protocol::Tcp, ..tuple(1) };
    session.check(now, tcp, &Check::NOMINATING);
    session.events();
    assert_eq!(session.selected_tuple(), Some(tcp), "same addresses, another tuple");
    session.handle_tuple_closed(now, tcp);
    assert_eq!(session.selected_tuple(), Some(tuple(1)));
    assert_eq!(session.events(), [SessionEvent::TupleRemoved(tcp)]);
    session.handle_tuple_closed(now, tuple(1));
    assert_eq!((session.ice_state(), session.selected_tuple()), (IceState::Disconnected, None));
    assert_eq!(
        session.events(),
        [SessionEvent::TupleRemoved(tuple(1)), SessionEvent::Ice(IceState::Disconnected)]
    );
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn after_a_restart_both_credentials_are_good_until_the_new_are_used() {
    let now = start();
    let mut session = active(now);
    let old = session.ice_parameters().clone();
    session.restart_ice(ice_parameters("new"));
    assert_eq!(session.ice_parameters(), &ice_parameters("new"));
    assert_eq!(session.retired_username_fragment(), None);

    session.handle_stun(now, tuple(1), &Check::default().request(&old));
    assert!(is_signed(&mut answer(&mut session), &old), "answered with the password it was asked with");
    assert_eq!(session.retired_username_fragment(), None);

    session.check(now, tuple(2), &Check::NOMINATING);
    assert!(is_signed(&mut answer(&mut session), &ice_parameters("new")));
    assert_eq!(session.retired_username_fragment().as_deref(), Some("ours"));
    assert_eq!(session.retired_username_fragment(), None);
    session.handle_stun(now, tuple(3), &Check::NOMINATING.request(&old));
    assert_eq!(session.transmits(), []);
    assert_eq!(session.selected_tuple(), Some(tuple(2)));
    assert!(!session.events().contains(&SessionEvent::TupleRemoved(tuple(1))), "tuples stay valid");
}

#[test]
fn a_second_restart_retires_the_oldest_credentials() {
    let now = start();
    let mut session = active(now);
    session.restart_ice(ice_parameters("second"));
    session.restart_ice(ice_parameters("third"));
    assert_eq!(session.retired_username_fragment().as_deref(), Some("ours"));
    assert_eq!(session.retired_username_fragment(), None);
    session.handle_stun(now, tuple(1), &Check::default().request(&ice_parameters("second")));
    assert_eq!(session.transmits().len(), 1);
}

#[test]
fn the_path_follows_authentic_media_only() {
    let now = start();
    let (mut session, mut peer) = connected(Side::Client, now);
    session.check(now, tuple(2), &Check::NOMINATING);
    assert_eq!(session.selected_tuple(), Some(tuple(2)));
    assert_eq!(session.open_rtp(tuple(1), &mut rtp_packet(1, 1)), Err(Rejected::Unauthentic));
    assert_eq!(session.selected_tuple(), Some(tuple(2)));
    let mut packet = rtp_packet(1, 1);
    peer.keys.as_mut().expect("it is connected").1.seal_rtp(&mut packet, 0).expect("it seals");
    assert!(session.open_rtp(tuple(1), &mut packet.clone()).is_ok());
    assert_eq!(session.selected_tuple(), Some(tuple(1)));
    assert_eq!(session.open_rtp(tuple(2), &mut packet), Err(Rejected::Replayed));
    assert_eq!(session.selected_tuple(), Some(tuple(1)));
}

#[test]
fn a_username_fragment_is_found_or_not_without_fuss() {
    for datagram in [&[][..], &[0, 1], &[0; 20], &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]] {
        assert_eq!(stun_username_fragment(datagram), None);
    }
    let mut indication = Check::default().request(&ice_parameters("ours"));
    indication[1] = 0x11;
    assert_eq!(stun_username_fragment(&indication), None);
}

#[test]
fn a_message_whose_top_bits_are_set_is_no_request() {
    for top_bits in [0x40, 0x80, 0xC0] {
        let mut request = Check::NOMINATING.request(&ice_parameters("ours"));
        request[0] |= top_bits;
        let fingerprint = rtc_stun::fingerprint::fingerprint_value(&request[..request.len() - 8]);
        let value_at = request.len() - 4;
        request[value_at..].copy_from_slice(&fingerprint.to_be_bytes());
        fuzzing::fuzz_stun(&request);
    }
}

proptest! {
    #[test]
    fn the_parsers_take_anything(
        datagram in prop::collection::vec(any::<u8>(), 0..200),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        fuzzing::fuzz_stun(&datagram);
        fuzzing::fuzz_srtp_header(&datagram);
        let mut request = Check::NOMINATING.request(&ice_parameters("ours"));
        for (index, byte) in changes {
            let position = index.index(request.len() - 8);
            request[position] = byte;
        }
        // Right again, so that the change gets past it.
        let fingerprint = rtc_stun::fingerprint::fingerprint_value(&request[..request.len() - 8]);
        let value_at = request.len() - 4;
        request[value_at..].copy_from_slice(&fingerprint.to_be_bytes());
        fuzzing::fuzz_stun(&request);
    }
}

//! Whole packets: the RFCs' and libsrtp's known answers, and what holds for all of them.

use proptest::prelude::*;

use super::*;

const PROFILES: [SrtpProfile; 4] = [
    SrtpProfile::AesCm128HmacSha1_80,
    SrtpProfile::AesCm128HmacSha1_32,
    SrtpProfile::AeadAes128Gcm,
    SrtpProfile::AeadAes256Gcm,
];

fn hex(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter(|it| !it.is_ascii_whitespace()).collect::<Vec<_>>();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex"))
        .collect()
}

/// The two ends of a session.
fn pair(profile: SrtpProfile) -> (SrtpSession, SrtpSession) {
    let length = 2 * (profile.key_len() + profile.salt_len());
    let material = (0..length).map(|it| it as u8).collect::<Vec<_>>();
    let end = |side| SrtpSession::new(profile, &material, side).expect("the length is right");
    (end(Side::Client), end(Side::Server))
}

fn rtp(ssrc: u32, sequence_number: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(sequence_number.to_be_bytes());
    packet.extend([1, 2, 3, 4]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

fn rtcp(ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x81, 201, 0, 7];
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x5a; 24]);
    packet
}

fn sealed_rtp(session: &mut SrtpSession, plain: &[u8]) -> Vec<u8> {
    let mut packet = plain.to_vec();
    session.seal_rtp(&mut packet, 0).expect("it seals");
    packet
}

fn sealed_rtcp(session: &mut SrtpSession, plain: &[u8]) -> Vec<u8> {
    let mut packet = plain.to_vec();
    session.seal_rtcp(&mut packet, 0).expect("it seals");
    packet
}

const KEY: &str = "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f";
const GALLIA: &str =
    "8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e2070617274657320 74726573";
const SENDER_REPORT: &str = "81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

fn rfc_7714(key_len: usize) -> Cipher {
    let salt = hex("517569642070726f2071756f").try_into().expect("12 bytes");
    Cipher::Gcm(Gcm::from_session_key(&hex(KEY)[..key_len], salt))
}

/// RFC 7714 §16.1.1, §16.1.2, §16.2.1 and §16.2.2.
#[test]
fn gcm_seals_and_opens_rtp_as_the_rfc_does() {
    for (key_len, sealed) in [
        (
            16,
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
             899d7f27beb16a9152cf765ee4390cce",
        ),
        (
            32,
            "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b
             7aa3db36dfffd6b0f9bb7878d7a76c13",
        ),
    ] {
        let cipher = rfc_7714(key_len);
        let plain = hex(GALLIA);
        let header = RtpHeader::parse(&plain).expect("it is RTP");
        let mut packet = plain.clone();
        cipher.seal_rtp(&mut packet, 0, &header, 0xf17b).expect("it seals");
        assert_eq!(packet[12..], hex(sealed));
        assert_eq!(cipher.open_rtp(&mut packet, &header, 0xf17b), Ok(0..plain.len()));
        assert_eq!(packet[..plain.len()], plain);
    }
}

/// RFC 7714 §17.1 and §17.2.
#[test]
fn gcm_seals_and_opens_rtcp_as_the_rfc_does() {
    for (key_len, sealed) in [
        (
            16,
            "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b
             c84aa45896cf4d2fc5abf87245d9eade 800005d4",
        ),
        (
            32,
            "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad
             1d1eb30c4446839f57ff6f6cb26ac3be 800005d4",
        ),
    ] {
        let cipher = rfc_7714(key_len);
        let plain = hex(SENDER_REPORT);
        let mut packet = plain.clone();
        cipher.seal_rtcp(&mut packet, 0, 0x4d61_7273, 0x5d4).expect("it seals");
        assert_eq!(packet[8..], hex(sealed));
        assert_eq!(cipher.open_rtcp(&mut packet, 0x4d61_7273, 0x5d4), Ok(0..plain.len()));
        assert_eq!(packet[..plain.len()], plain);
    }
}

/// The known answers of libsrtp's own test (`srtp_validate`).
#[test]
fn cm_seals_and_opens_as_libsrtp_does() {
    let master =
        MasterKey::new(&hex("e1f97a0d3e018be0d64fa32c06de4139"), &hex("0ec675ad498afeebb6960b3aabe6"))
            .expect("the lengths are right");
    for (profile, tag) in [
        (SrtpProfile::AesCm128HmacSha1_80, "b78d6acc99ea179b8dbb"),
        (SrtpProfile::AesCm128HmacSha1_32, "b78d6acc"),
    ] {
        let cipher = Cipher::new(profile, &master).expect("the key is right");
        let plain = hex("800f1234decafbadcafebabe abababababababababababababababab");
        let header = RtpHeader::parse(&plain).expect("it is RTP");
        let mut packet = plain.clone();
        cipher.seal_rtp(&mut packet, 0, &header, 0x1234).expect("it seals");
        assert_eq!(packet[12..], hex(&format!("4e55dc4ce79978d88ca4d215949d2402 {tag}")));
        assert_eq!(cipher.open_rtp(&mut packet, &header, 0x1234), Ok(0..plain.len()));
        assert_eq!(packet[..plain.len()], plain);

        // RTCP's tag is whole with both.
        let plain = hex("81c8000bcafebabe abababababababababababababababab");
        let mut packet = plain.clone();
        cipher.seal_rtcp(&mut packet, 0, 0xcafe_babe, 1).expect("it seals");
        assert_eq!(packet[8..], hex("7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798"));
        assert_eq!(cipher.open_rtcp(&mut packet, 0xcafe_babe, 1), Ok(0..plain.len()));
        assert_eq!(packet[..plain.len()], plain);
    }
}

#[test]
fn keying_material_of_another_length_is_refused() {
    for profile in PROFILES {
        assert!(SrtpSession::new(profile, &[0; 59], Side::Client).is_err());
        assert!(SrtpSession::new(profile, &[], Side::Client).is_err());
    }
}

#[test]
fn one_flipped_bit_anywhere_is_rejected() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = pair(profile);
        let packet = sealed_rtp(&mut sender, &rtp(1, 1, &[7; 20]));
        for bit in 0..packet.len() * 8 {
            let mut flipped = packet.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(receiver.open_rtp(&mut flipped).is_err(), "{profile:?}, RTP, bit {bit}");
        }
        let report = sealed_rtcp(&mut sender, &rtcp(1));
        for bit in 0..report.len() * 8 {
            let mut flipped = report.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(receiver.open_rtcp(&mut flipped).is_err(), "{profile:?}, RTCP, bit {bit}");
        }
        assert!(receiver.inbound.rtp.is_empty() && receiver.inbound.rtcp.is_empty());
        assert!(receiver.open_rtp(&mut packet.clone()).is_ok());
        assert!(receiver.open_rtcp(&mut report.clone()).is_ok());
    }
}

#[test]
fn every_cut_is_rejected() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = pair(profile);
        let packet = sealed_rtp(&mut sender, &rtp(1, 1, &[7; 20]));
        let report = sealed_rtcp(&mut sender, &rtcp(1));
        for len in 0..packet.len() {
            assert!(receiver.open_rtp(&mut packet[..len].to_vec()).is_err());
        }
        for len in 0..report.len() {
            assert!(receiver.open_rtcp(&mut report[..len].to_vec()).is_err());
        }
    }
}

#[test]
fn a_report_that_says_it_is_not_encrypted_is_rejected() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = pair(profile);
        let mut report = sealed_rtcp(&mut sender, &rtcp(1));
        let trailer = receiver.inbound.cipher.rtcp_trailer_at(report.len()).expect("it is long enough");
        report[trailer] &= 0x7f;
        assert_eq!(receiver.open_rtcp(&mut report), Err(Rejected::Unauthentic));
    }
}

#[test]
fn what_was_seen_is_rejected() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = pair(profile);
        let packet = sealed_rtp(&mut sender, &rtp(1, 1, &[7; 20]));
        assert!(receiver.open_rtp(&mut packet.clone()).is_ok());
        assert_eq!(receiver.open_rtp(&mut packet.clone()), Err(Rejected::Replayed));
        let report = sealed_rtcp(&mut sender, &rtcp(1));
        assert!(receiver.open_rtcp(&mut report.clone()).is_ok());
        assert_eq!(receiver.open_rtcp(&mut report.clone()), Err(Rejected::Replayed));
    }
}

#[test]
fn an_index_is_never_sealed_twice() {
    for profile in PROFILES {
        let (mut sender, _) = pair(profile);
        let plain = rtp(1, 1, &[7; 20]);
        sealed_rtp(&mut sender, &plain);
        assert_eq!(sender.seal_rtp(&mut plain.clone(), 0), None);
        assert_eq!(sender.seal_rtp(&mut rtp(2, 1, &[7; 20]), 0), Some(()));
    }
}

#[test]
fn reports_run_out_rather_than_repeat_an_index() {
    let (mut sender, mut receiver) = pair(SrtpProfile::AeadAes128Gcm);
    sender.outbound.next_rtcp_index = ENCRYPTED - 1;
    let mut last = sealed_rtcp(&mut sender, &rtcp(1));
    assert!(receiver.open_rtcp(&mut last).is_ok());
    assert_eq!(sender.seal_rtcp(&mut rtcp(1), 0), None);
}

#[test]
fn the_two_directions_have_their_own_keys() {
    for profile in PROFILES {
        let (mut client, _) = pair(profile);
        let mut packet = sealed_rtp(&mut client, &rtp(1, 1, &[7; 20]));
        assert_eq!(client.open_rtp(&mut packet), Err(Rejected::Unauthentic), "{profile:?}");
    }
}

#[test]
fn forged_ssrcs_cost_no_memory() {
    for profile in PROFILES {
        let (_, mut receiver) = pair(profile);
        for ssrc in 0..100_000 {
            assert_eq!(receiver.open_rtp(&mut rtp(ssrc, 1, &[7; 30])), Err(Rejected::Unauthentic));
            let mut report = rtcp(ssrc);
            report.extend([0xff; 20]);
            assert_eq!(receiver.open_rtcp(&mut report), Err(Rejected::Unauthentic));
        }
        assert!(receiver.inbound.rtp.is_empty() && receiver.inbound.rtcp.is_empty());
    }
}

#[test]
fn a_peer_may_have_so_many_streams_and_no_more() {
    let (mut sender, mut receiver) = pair(SrtpProfile::AeadAes128Gcm);
    let limit = u32::try_from(MAX_INBOUND_STREAMS).expect("it fits");
    for ssrc in 0..limit {
        assert!(receiver.open_rtp(&mut sealed_rtp(&mut sender, &rtp(ssrc, 1, b"x"))).is_ok());
        assert!(receiver.open_rtcp(&mut sealed_rtcp(&mut sender, &rtcp(ssrc))).is_ok());
    }
    let mut packet = sealed_rtp(&mut sender, &rtp(limit, 1, b"x"));
    assert_eq!(receiver.open_rtp(&mut packet), Err(Rejected::TooManyStreams));
    let mut report = sealed_rtcp(&mut sender, &rtcp(limit));
    assert_eq!(receiver.open_rtcp(&mut report), Err(Rejected::TooManyStreams));
    assert!(receiver.open_rtp(&mut sealed_rtp(&mut sender, &rtp(0, 2, b"x"))).is_ok());
}

#[test]
fn headers_with_csrcs_and_extensions_stay_in_clear() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = pair(profile);
        let mut plain = rtp(1, 1, &[]);
        plain[0] = 0x92;
        plain.extend([9; 8]);
        plain.extend([0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0]);
        let header_len = plain.len();
        plain.extend(b"payload");
        let mut packet = sealed_rtp(&mut sender, &plain);
        assert_eq!(packet[..header_len], plain[..header_len]);
        assert_ne!(packet[header_len..plain.len()], plain[header_len..]);
        assert_eq!(receiver.open_rtp(&mut packet), Ok(&mut plain[..]));
    }
}

#[test]
fn headers_that_do_not_fit_are_malformed() {
    let (mut sender, mut receiver) = pair(SrtpProfile::AeadAes128Gcm);
    let mut wrong_version = rtp(1, 1, &[0; 40]);
    wrong_version[0] = 0x40;
    let mut long_extension = rtp(1, 1, &[0xff; 40]);
    long_extension[0] = 0x90;
    let mut into_the_tag = rtp(1, 1, &[0; 40]);
    into_the_tag[0] = 0x8a;
    for packet in [wrong_version, long_extension, into_the_tag, rtp(1, 1, &[0; 15]), vec![], vec![0x80; 11]] {
        assert_eq!(receiver.open_rtp(&mut packet.clone()), Err(Rejected::Malformed));
    }
    assert_eq!(receiver.open_rtcp(&mut [0x80; 27]), Err(Rejected::Malformed));
    assert_eq!(receiver.open_rtcp(&mut [0x40; 40]), Err(Rejected::Malformed));
    assert_eq!(sender.seal_rtp(&mut vec![0x80; 11], 0), None);
    assert_eq!(sender.seal_rtcp(&mut vec![0x80; 7], 0), None);
    assert_eq!(sender.seal_rtp(&mut vec![0x80; 11], 12), None);
}

/// Sequence numbers from `first` on, with packets displaced by up to `reach` places.
fn reordered(first: u16, reach: usize, places: &[usize]) -> Vec<u16> {
    let mut order = (0..places.len()).map(|it| first.wrapping_add(it as u16)).collect::<Vec<_>>();
    for (from, place) in places.iter().enumerate() {
        let to = (from + place % reach).min(order.len() - 1);
        order.swap(from, to);
    }
    order
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_sealed_opens_across_wraparound_and_reordering(
        profile in prop::sample::select(&PROFILES[..]),
        first in (u16::MAX - 150)..u16::MAX,
        places in prop::collection::vec(0_usize..16, 100..300),
        payload in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let (mut sender, mut receiver) = pair(profile);
        // Both ends must have met the stream before it wraps.
        let opening = rtp(5, first.wrapping_sub(1), &payload);
        prop_assert!(receiver.open_rtp(&mut sealed_rtp(&mut sender, &opening)).is_ok());
        for sequence_number in reordered(first, 16, &places) {
            let mut plain = rtp(5, sequence_number, &payload);
            let sealed = sealed_rtp(&mut sender, &plain);
            let mut packet = sealed.clone();
            prop_assert_eq!(receiver.open_rtp(&mut packet), Ok(&mut plain[..]));
            prop_assert!(receiver.open_rtp(&mut sealed.clone()) == Err(Rejected::Replayed));
        }
    }

    #[test]
    fn what_arrives_in_another_order_opens(
        profile in prop::sample::select(&PROFILES[..]),
        first in any::<u16>(),
        places in prop::collection::vec(0_usize..64, 100..300),
    ) {
        let (mut sender, mut receiver) = pair(profile);
        let sealed = |sender: &mut SrtpSession, number| sealed_rtp(sender, &rtp(5, number, b"payload"));
        let mut opening = sealed(&mut sender, first.wrapping_sub(1));
        prop_assert!(receiver.open_rtp(&mut opening).is_ok());
        let packets = (0..places.len())
            .map(|it| sealed(&mut sender, first.wrapping_add(it as u16)))
            .collect::<Vec<_>>();
        for number in reordered(0, 64, &places) {
            let mut packet = packets[usize::from(number)].clone();
            prop_assert!(receiver.open_rtp(&mut packet).is_ok());
        }
    }

    #[test]
    fn rubbish_is_rejected(mut packet in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_, mut receiver) = pair(SrtpProfile::AesCm128HmacSha1_80);
        prop_assert!(receiver.open_rtp(&mut packet.clone()).is_err());
        prop_assert!(receiver.open_rtcp(&mut packet).is_err());
    }
}

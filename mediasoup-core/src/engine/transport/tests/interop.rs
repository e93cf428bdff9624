//! Against `rtc-dtls` as the client: another implementation, and one that lets us choose what it offers.

use bytes::BytesMut;
use rtc_dtls::{
    config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType},
    crypto::Certificate,
    endpoint::Endpoint,
    extension::extension_use_srtp::SrtpProtectionProfile as Offer,
};

use super::*;

const SERVER: ([u8; 4], u16) = ([192, 0, 2, 1], 40_000);

/// What a browser offers: AES-CM before GCM.
const BROWSER_ORDER: [Offer; 2] = [Offer::Srtp_Aes128_Cm_Hmac_Sha1_80, Offer::Srtp_Aead_Aes_128_Gcm];

/// Shakes hands with a client that offers these profiles. Gives the profile it ended with, and its keys.
fn shake_hands(session: &mut SecureSession, now: Instant, offers: &[Offer]) -> Option<(Offer, Vec<u8>)> {
    let provider = rtc_stun::crypto::default_provider().expect("there is one");
    let certificate = Certificate::generate_self_signed(vec!["peer".into()], provider.crypto())
        .expect("the system has randomness");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, &certificate.certificate[0]);
    let value = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    let config = ConfigBuilder::default()
        .with_crypto_provider(provider)
        .with_certificates(vec![certificate])
        .with_srtp_protection_profiles(offers.to_vec())
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_insecure_skip_verify(true)
        .build(true, Some(SERVER.into()))
        .expect("it is valid");
    let mut client = Endpoint::new(tuple(1).remote, Default::default(), None);

    session.check(now, tuple(1), &Check::NOMINATING);
    session.transmits();
    let fingerprints = vec![DtlsFingerprint { algorithm: FingerprintAlgorithm::Sha384, value }];
    session.connect(now, &DtlsParameters { role: DtlsRole::Client, fingerprints }).expect("it is valid");
    client.connect(now, SERVER.into(), Arc::new(config), None).expect("it is the first");
    while let Some(sent) = client.poll_transmit() {
        session.handle_dtls(now, tuple(1), &sent.message);
        for (_, datagram) in session.transmits() {
            let _ = client.read(now, SERVER.into(), None, BytesMut::from(&datagram[..]));
        }
    }
    let state = client.get_connection_state(SERVER.into())?;
    let length = if state.srtp_protection_profile() == BROWSER_ORDER[0] { 60 } else { 56 };
    let keys = state.export_keying_material("EXTRACTOR-dtls_srtp", &[], length).ok()?;
    Some((state.srtp_protection_profile(), keys.as_ref().to_vec()))
}

#[test]
fn gcm_is_chosen_though_the_client_prefers_cm() {
    let now = start();
    let mut session = session(now);
    let (chosen, keys) = shake_hands(&mut session, now, &BROWSER_ORDER).expect("it connects");
    assert_eq!(chosen, Offer::Srtp_Aead_Aes_128_Gcm);
    assert_eq!(session.dtls_state(), DtlsState::Connected);
    let mut peer = SrtpSession::new(SrtpProfile::AeadAes128Gcm, &keys, Side::Client).expect("56 bytes");
    let mut packet = rtp_packet(1, 1);
    peer.seal_rtp(&mut packet, 0).expect("it seals");
    assert!(session.open_rtp(tuple(1), &mut packet).is_ok());
}

#[test]
fn cm_is_taken_where_there_is_nothing_better() {
    let now = start();
    let mut session = session(now);
    let (chosen, keys) = shake_hands(&mut session, now, &BROWSER_ORDER[..1]).expect("it connects");
    assert_eq!(chosen, Offer::Srtp_Aes128_Cm_Hmac_Sha1_80);
    let mut peer = SrtpSession::new(SrtpProfile::AesCm128HmacSha1_80, &keys, Side::Client).expect("60 bytes");
    let mut packet = rtp_packet(1, 1);
    assert_eq!(session.seal_rtp(&mut packet, 0), Some(tuple(1)));
    assert_eq!(peer.open_rtp(&mut packet), Ok(&mut rtp_packet(1, 1)[..]));
}

#[test]
fn without_a_profile_in_common_there_is_no_session() {
    let now = start();
    let mut session = session(now);
    shake_hands(&mut session, now, &[Offer::Srtp_Aes128_Cm_Hmac_Sha1_32]);
    assert_eq!(session.dtls_state(), DtlsState::Failed);
}

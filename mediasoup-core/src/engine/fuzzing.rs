//! Entry points for fuzz targets: parsers of what strangers send. They have nothing to show but that they
//! return; `black_box` keeps the compiler from leaving them out.

use std::hint::black_box;

use super::{
    codec::{Codec, av1, dependency},
    rtcp,
    rtp::{ExtensionValue, Header, RtpPacket, restore, write_packet},
};

pub use super::transport::{
    fuzzing::{fuzz_srtp_header as srtp, fuzz_stun as stun},
    sctp_fuzzing::fuzz_sctp as sctp,
};

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 10] = [
    ("stun", stun),
    ("srtp", srtp),
    ("rtp", rtp),
    ("rtcp", rtcp),
    ("vp8", vp8),
    ("vp9", vp9),
    ("h264", h264),
    ("av1", av1),
    ("dependency", dependency),
    ("sctp", sctp),
];

/// Longest datagram there is.
const DATAGRAM_LEN_MAX: usize = 65_535;

/// A decrypted datagram that may be RTP, then taken for RTX, too.
///
/// # Panics
/// If a packet that was read is not read the same once written again.
pub fn rtp(datagram: &[u8]) {
    let Some(packet) = RtpPacket::parse(datagram).filter(|_| datagram.len() <= DATAGRAM_LEN_MAX) else {
        return;
    };
    // Id 0 is padding (RFC 8285 §4.2): it is never written.
    let extensions: Vec<_> = packet
        .extensions
        .iter()
        .filter(|(id, _)| *id != 0)
        .map(|(id, value)| ExtensionValue { id, value })
        .collect();
    let header = Header {
        marker: packet.marker,
        payload_type: packet.payload_type,
        sequence_number: packet.sequence_number,
        timestamp: packet.timestamp,
        ssrc: packet.ssrc,
    };
    let mut written = Vec::new();
    write_packet(&mut written, &header, &extensions, &[packet.payload]);
    let again = RtpPacket::parse(&written).expect("what is written is well-formed");
    assert_eq!(again.payload, packet.payload);
    assert_eq!((again.ssrc, again.sequence_number), (packet.ssrc, packet.sequence_number));
    assert!(again.extensions.iter().eq(extensions.iter().map(|extension| (extension.id, extension.value))));

    let mut bytes = datagram.to_vec();
    if let Some(restored) = restore(&mut bytes, 96, 1) {
        assert!(RtpPacket::parse(restored).is_some(), "what is restored is well-formed");
    }
}

/// A decrypted datagram that may be a compound RTCP packet.
///
/// # Panics
/// If it makes more work than its length allows.
pub fn rtcp(datagram: &[u8]) {
    /// Sequence numbers a NACK entry of four bytes names.
    const NAMED_MAX: usize = 17;
    let mut work = 0;
    rtcp::packets(datagram, |packet| {
        work += match packet {
            rtcp::Packet::Nack { entries, .. } => entries.sequence_numbers().count(),
            _ => 1,
        };
    });
    assert!(work <= NAMED_MAX * datagram.len() / 4, "{work} for {} bytes", datagram.len());
}

/// A VP8 payload.
pub fn vp8(payload: &[u8]) {
    black_box(Codec::Vp8.starts_key_frame(payload));
    black_box(Codec::Vp8.place(payload));
}

/// A VP9 payload.
pub fn vp9(payload: &[u8]) {
    black_box(Codec::Vp9.starts_key_frame(payload));
    black_box(Codec::Vp9.place(payload));
}

/// Dependency descriptors, each with its length before it: one may tell how the next are read.
pub fn dependency(mut descriptors: &[u8]) {
    let mut reader = dependency::Reader::default();
    let mut sequence = 0;
    while let Some((&len, rest)) = descriptors.split_first() {
        let (descriptor, rest) = rest.split_at(rest.len().min(len.into()));
        if let Some(frame) = reader.read(sequence, sequence as u32, descriptor) {
            black_box(frame.references().count());
            black_box(frame.best_within(frame.layer));
        }
        descriptors = rest;
        sequence += 1;
    }
}

/// An H264 payload.
pub fn h264(payload: &[u8]) {
    black_box(Codec::H264.starts_key_frame(payload));
}

/// An AV1 payload.
///
/// # Panics
/// If anything of it is lost where it is joined to others.
pub fn av1(payload: &[u8]) {
    black_box(Codec::Av1.starts_key_frame(payload));
    let joint = av1::Joint { follows_frame: true, precedes_frame: true };
    if let Some(joined) = av1::join(payload, joint) {
        assert!(joined.parts().concat().len() >= payload.len());
    }
}

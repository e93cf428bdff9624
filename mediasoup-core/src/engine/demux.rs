//! What a datagram is, by its first bytes (RFC 7983, RFC 5761 §4).

/// Of SCTP, at both ends.
const SCTP_PORT: [u8; 2] = 5_000_u16.to_be_bytes();

/// The protocols that share a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Stun,
    Dtls,
    /// Without DTLS: on plain transports alone.
    Sctp,
    Rtp,
    Rtcp,
}

pub(crate) fn kind(datagram: &[u8]) -> Option<Kind> {
    match *datagram {
        [0..=3, ..] => Some(Kind::Stun),
        [a, b, c, d, ..] if [a, b] == SCTP_PORT && [c, d] == SCTP_PORT => Some(Kind::Sctp),
        [20..=63, ..] => Some(Kind::Dtls),
        [128..=191, 192..=223, ..] => Some(Kind::Rtcp),
        [128..=191, ..] => Some(Kind::Rtp),
        _ => None,
    }
}

/// DTLS, but for what is sent over it once it is there (RFC 6347 §4.1: the content type comes first).
pub(crate) fn is_handshake(datagram: &[u8]) -> bool {
    const APPLICATION_DATA: u8 = 23;
    kind(datagram) == Some(Kind::Dtls) && datagram[0] != APPLICATION_DATA
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_protocols_apart() {
        assert_eq!(kind(&[0, 1]), Some(Kind::Stun));
        assert_eq!(kind(&[22, 254]), Some(Kind::Dtls));
        assert_eq!(kind(&[19, 136, 19, 136]), Some(Kind::Sctp));
        assert_eq!(kind(&[19, 136, 19, 137]), None);
        assert_eq!(kind(&[0x80, 96]), Some(Kind::Rtp));
        assert_eq!(kind(&[0x80, 0x80 | 96]), Some(Kind::Rtp));
        assert_eq!(kind(&[0x81, 206]), Some(Kind::Rtcp));
        assert_eq!(kind(&[64, 0]), None);
        assert_eq!(kind(&[]), None);
    }

    #[test]
    fn tells_handshakes_from_data() {
        assert!(is_handshake(&[22, 254]));
        assert!(!is_handshake(&[23, 254]));
        assert!(!is_handshake(&[0x80, 96]));
    }
}

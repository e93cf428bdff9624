//! The server's half of the session, written from its ORTC parameters.

use std::fmt::{self, Display, Formatter};

use mediasoup_core::media::{
    rtp::{Direction, MediaKind, RtpCodecParameters, RtpHeaderExtensionParameters, RtpParameters},
    transport::{DtlsFingerprint, FingerprintAlgorithm, IceCandidate, Protocol, TransportParameters},
};

use super::fmtp;

/// `a=setup` of the server (RFC 5763 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) enum Setup {
    /// In an answer: this side is the DTLS client.
    Passive,
    /// In the answer of a server that is the DTLS client.
    #[cfg(test)]
    Active,
    /// In an offer: this side may choose, and chooses to be the client.
    Actpass,
}

/// A stream the server sends.
#[derive(Clone, Debug)]
pub(in crate::client) struct RemoteStream {
    ssrc: u32,
    rtx_ssrc: Option<u32>,
    cname: String,
    stream_id: String,
    track_id: String,
}

/// One media section.
#[derive(Clone, Debug)]
pub(in crate::client) struct RemoteSection {
    mid: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Media(Media),
    /// All data channels.
    Data,
}

/// One track in one direction.
#[derive(Clone, Debug)]
struct Media {
    kind: MediaKind,
    codecs: Vec<RtpCodecParameters>,
    header_extensions: Vec<RtpHeaderExtensionParameters>,
    /// From the server's side.
    direction: Direction,
    stream: Option<RemoteStream>,
}

impl RemoteSection {
    /// The server receives what `sent` describes.
    pub(in crate::client) fn receiving(mid: &str, kind: MediaKind, sent: &RtpParameters) -> Self {
        Self::media(mid, kind, sent, Direction::Recvonly, None)
    }

    /// The server sends what `sent` describes; the track shows up under `track_id`.
    pub(in crate::client) fn sending(
        mid: &str,
        kind: MediaKind,
        sent: &RtpParameters,
        track_id: &str,
    ) -> Self {
        let cname = sent.rtcp.cname.clone().unwrap_or_else(|| "-".to_owned());
        let stream_id = sent.msid.as_deref().and_then(|msid| msid.split_whitespace().next());
        let stream_id = stream_id.unwrap_or(&cname).to_owned();
        let stream = sent.encodings.first().and_then(|encoding| {
            Some(RemoteStream {
                ssrc: encoding.ssrc?,
                rtx_ssrc: encoding.rtx.map(|rtx| rtx.ssrc),
                cname,
                stream_id,
                track_id: track_id.to_owned(),
            })
        });
        Self::media(mid, kind, sent, Direction::Sendonly, stream)
    }

    /// Data channels, both ways.
    pub(in crate::client) fn data(mid: &str) -> Self {
        Self { mid: mid.to_owned(), content: Content::Data }
    }

    fn media(
        mid: &str,
        kind: MediaKind,
        sent: &RtpParameters,
        direction: Direction,
        stream: Option<RemoteStream>,
    ) -> Self {
        let (codecs, header_extensions) = (sent.codecs.clone(), sent.header_extensions.clone());
        let media = Media { kind, codecs, header_extensions, direction, stream };
        Self { mid: mid.to_owned(), content: Content::Media(media) }
    }

    /// No track flows in it from now on; its place in the session stays taken.
    pub(in crate::client) fn deactivate(&mut self) {
        if let Content::Media(media) = &mut self.content {
            media.direction = Direction::Inactive;
            media.stream = None;
        }
    }

    pub(in crate::client) fn mid(&self) -> &str {
        &self.mid
    }
}

/// The whole description.
pub(in crate::client) struct RemoteDescription<'a> {
    pub(in crate::client) transport: &'a TransportParameters,
    pub(in crate::client) setup: Setup,
    pub(in crate::client) sections: &'a [RemoteSection],
    /// Grows with every description of one session (RFC 8866 §5.2).
    pub(in crate::client) version: u64,
}

impl Display for RemoteDescription<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { transport, version, .. } = self;
        write!(f, "v=0\r\no=mediasoup-client 10000 {version} IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n")?;
        if transport.ice_parameters.ice_lite {
            f.write_str("a=ice-lite\r\n")?;
        }
        if let Some(fingerprint) = preferred(&transport.dtls_parameters.fingerprints) {
            let algorithm = algorithm_name(fingerprint.algorithm);
            write!(f, "a=fingerprint:{algorithm} {}\r\n", fingerprint.value)?;
        }
        f.write_str("a=msid-semantic: WMS *\r\na=group:BUNDLE")?;
        for section in self.sections {
            write!(f, " {}", section.mid)?;
        }
        f.write_str("\r\n")?;
        self.sections.iter().try_for_each(|section| self.write_section(f, section))
    }
}

impl RemoteDescription<'_> {
    fn write_section(&self, f: &mut Formatter<'_>, section: &RemoteSection) -> fmt::Result {
        match &section.content {
            Content::Media(media) => self.write_media(f, &section.mid, media),
            Content::Data => self.write_data(f, &section.mid),
        }
    }

    fn write_media(&self, f: &mut Formatter<'_>, mid: &str, media: &Media) -> fmt::Result {
        let kind = kind_name(media.kind);
        write!(f, "m={kind} 7 UDP/TLS/RTP/SAVPF")?;
        for codec in &media.codecs {
            write!(f, " {}", codec.payload_type)?;
        }
        write!(f, "\r\nc=IN IP4 127.0.0.1\r\na=mid:{mid}\r\n")?;
        media.codecs.iter().try_for_each(|codec| write_codec(f, codec))?;
        for extension in &media.header_extensions {
            write!(f, "a=extmap:{} {}\r\n", extension.id, extension.uri)?;
        }
        write!(f, "a={}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n", direction_name(media.direction))?;
        self.write_transport(f)?;
        media.stream.iter().try_for_each(|stream| write_stream(f, stream))
    }

    fn write_data(&self, f: &mut Formatter<'_>, mid: &str) -> fmt::Result {
        write!(
            f,
            "m=application 7 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 127.0.0.1\r\na=mid:{mid}\r\n"
        )?;
        self.write_transport(f)?;
        let sctp = &self.transport.sctp_parameters;
        sctp.iter().try_for_each(|sctp| {
            write!(f, "a=sctp-port:{}\r\na=max-message-size:{}\r\n", sctp.port, sctp.max_message_size)
        })
    }

    fn write_transport(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let setup = match self.setup {
            Setup::Passive => "passive",
            #[cfg(test)]
            Setup::Active => "active",
            Setup::Actpass => "actpass",
        };
        let ice = &self.transport.ice_parameters;
        write!(f, "a=setup:{setup}\r\n")?;
        write!(f, "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", ice.username_fragment, ice.password)?;
        let candidates = self.transport.ice_candidates.iter();
        candidates.filter(|c| c.protocol == Protocol::Udp).try_for_each(|c| write_candidate(f, c))?;
        f.write_str("a=end-of-candidates\r\n")
    }
}

fn write_codec(f: &mut Formatter<'_>, codec: &RtpCodecParameters) -> fmt::Result {
    let RtpCodecParameters { mime_type, payload_type, clock_rate, .. } = codec;
    let name = mime_type.split_once('/').map_or(mime_type.as_str(), |(_, name)| name);
    write!(f, "a=rtpmap:{payload_type} {name}/{clock_rate}")?;
    if let Some(channels) = codec.channels.filter(|&channels| channels > 1) {
        write!(f, "/{channels}")?;
    }
    f.write_str("\r\n")?;
    if !codec.parameters.is_empty() {
        write!(f, "a=fmtp:{payload_type} {}\r\n", fmtp::write(&codec.parameters))?;
    }
    for feedback in &codec.rtcp_feedback {
        let text = format!("{} {}", feedback.feedback, feedback.parameter);
        write!(f, "a=rtcp-fb:{payload_type} {}\r\n", text.trim_end())?;
    }
    Ok(())
}

fn write_candidate(f: &mut Formatter<'_>, candidate: &IceCandidate) -> fmt::Result {
    let IceCandidate { foundation, priority, address, port, .. } = candidate;
    write!(f, "a=candidate:{foundation} 1 udp {priority} {address} {port} typ host\r\n")
}

fn write_stream(f: &mut Formatter<'_>, stream: &RemoteStream) -> fmt::Result {
    let RemoteStream { ssrc, cname, stream_id, track_id, .. } = stream;
    write!(f, "a=msid:{stream_id} {track_id}\r\n")?;
    if let Some(rtx_ssrc) = stream.rtx_ssrc {
        write!(f, "a=ssrc-group:FID {ssrc} {rtx_ssrc}\r\n")?;
    }
    for ssrc in [Some(*ssrc), stream.rtx_ssrc].into_iter().flatten() {
        write!(f, "a=ssrc:{ssrc} cname:{cname}\r\na=ssrc:{ssrc} msid:{stream_id} {track_id}\r\n")?;
    }
    Ok(())
}

/// SHA-256 is what every implementation verifies; without it, mediasoup-client's choice: the last.
fn preferred(fingerprints: &[DtlsFingerprint]) -> Option<&DtlsFingerprint> {
    let sha256 = fingerprints.iter().find(|f| f.algorithm == FingerprintAlgorithm::Sha256);
    sha256.or_else(|| fingerprints.last())
}

fn algorithm_name(algorithm: FingerprintAlgorithm) -> &'static str {
    match algorithm {
        FingerprintAlgorithm::Sha1 => "sha-1",
        FingerprintAlgorithm::Sha224 => "sha-224",
        FingerprintAlgorithm::Sha256 => "sha-256",
        FingerprintAlgorithm::Sha384 => "sha-384",
        FingerprintAlgorithm::Sha512 => "sha-512",
    }
}

fn kind_name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Audio => "audio",
        MediaKind::Video => "video",
    }
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Sendrecv => "sendrecv",
        Direction::Sendonly => "sendonly",
        Direction::Recvonly => "recvonly",
        Direction::Inactive => "inactive",
    }
}

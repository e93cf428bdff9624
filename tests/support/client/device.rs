//! What this client can send and receive in a given room.

use mediasoup_core::media::rtp::{
    Direction, MediaKind, RtpCapabilities, RtpCodecCapability, RtpHeaderExtension, RtpParameters,
};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use webrtc::peer_connection::MediaEngine;

use super::{ClientError, sdp::fmtp};

/// What the `webrtc` crate can carry; nothing is encoded or decoded here.
const MIME_TYPES: [&str; 6] =
    ["audio/opus", "video/VP8", "video/VP9", "video/H264", "video/AV1", "video/rtx"];

pub(super) const MID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
pub(super) const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/// Header extensions this client writes or reads.
const EXTENSION_URIS: [&str; 3] =
    [MID_URI, AUDIO_LEVEL_URI, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"];

/// The room's capabilities, cut down to this client's.
#[derive(Clone, Debug)]
pub struct Device {
    capabilities: RtpCapabilities,
    /// As the server states them.
    extensions: Vec<RtpHeaderExtension>,
}

impl Device {
    /// A device for a room with these capabilities.
    #[must_use]
    pub fn load(room: &RtpCapabilities) -> Self {
        let known = |codec: &&RtpCodecCapability| {
            MIME_TYPES.iter().any(|mime_type| mime_type.eq_ignore_ascii_case(&codec.mime_type))
        };
        let codecs: Vec<_> = room.codecs.iter().filter(known).cloned().collect();
        let extensions: Vec<_> = room
            .header_extensions
            .iter()
            .filter(|e| EXTENSION_URIS.contains(&e.uri.as_str()))
            .cloned()
            .collect();
        let capabilities =
            RtpCapabilities { codecs, header_extensions: extensions.iter().map(mirrored).collect() };
        Self { capabilities, extensions }
    }

    /// What `create-consumer` asks for.
    #[must_use]
    pub fn rtp_capabilities(&self) -> &RtpCapabilities {
        &self.capabilities
    }

    /// The first codec of this MIME type with the RTX that repairs it.
    pub(super) fn codec(
        &self,
        mime_type: &str,
    ) -> Option<(&RtpCodecCapability, Option<&RtpCodecCapability>)> {
        let codecs = &self.capabilities.codecs;
        let media = codecs.iter().find(|codec| codec.mime_type.eq_ignore_ascii_case(mime_type))?;
        let rtx = codecs.iter().find(|codec| {
            codec.mime_type.eq_ignore_ascii_case("video/rtx")
                && codec.parameters.get("apt").and_then(serde_json::Value::as_u64)
                    == media.preferred_payload_type.map(u64::from)
        });
        Some((media, rtx))
    }

    /// Leaves in `parameters` only what the server receives from a client.
    pub(super) fn keep_negotiated(&self, parameters: &mut RtpParameters, kind: MediaKind, mime_type: &str) {
        let Some((media, rtx)) = self.codec(mime_type) else { return };
        let wanted = [media.preferred_payload_type, rtx.and_then(|rtx| rtx.preferred_payload_type)];
        parameters.codecs.retain(|codec| wanted.contains(&Some(codec.payload_type)));
        if rtx.is_none() {
            parameters.encodings.iter_mut().for_each(|encoding| encoding.rtx = None);
        }
        parameters.header_extensions.retain(|used| {
            self.extensions.iter().any(|known| {
                known.uri == used.uri
                    && known.kind == kind
                    && matches!(known.direction, Direction::Sendrecv | Direction::Recvonly)
            })
        });
    }

    /// The peer connection's view of the same.
    pub(super) fn media_engine(&self) -> Result<MediaEngine, ClientError> {
        let mut engine = MediaEngine::default();
        for codec in &self.capabilities.codecs {
            if let Some(parameters) = codec_parameters(codec) {
                engine.register_codec(parameters, engine_kind(codec.kind))?;
            }
        }
        for extension in &self.extensions {
            let capability = RTCRtpHeaderExtensionCapability { uri: extension.uri.clone() };
            engine.register_header_extension(capability, engine_kind(extension.kind), None)?;
        }
        Ok(engine)
    }
}

/// Seen from the other side.
fn mirrored(extension: &RtpHeaderExtension) -> RtpHeaderExtension {
    let direction = match extension.direction {
        Direction::Sendonly => Direction::Recvonly,
        Direction::Recvonly => Direction::Sendonly,
        same @ (Direction::Sendrecv | Direction::Inactive) => same,
    };
    RtpHeaderExtension { direction, ..extension.clone() }
}

pub(super) fn engine_kind(kind: MediaKind) -> RtpCodecKind {
    match kind {
        MediaKind::Audio => RtpCodecKind::Audio,
        MediaKind::Video => RtpCodecKind::Video,
    }
}

/// `None` for a codec without a payload type, which a router never states.
pub(super) fn codec_parameters(codec: &RtpCodecCapability) -> Option<RTCRtpCodecParameters> {
    let feedback = codec
        .rtcp_feedback
        .iter()
        .map(|f| RTCPFeedback { typ: f.feedback.clone(), parameter: f.parameter.clone() })
        .collect();
    let rtp_codec = RTCRtpCodec {
        mime_type: codec.mime_type.clone(),
        clock_rate: codec.clock_rate,
        channels: codec.channels.map(u16::from).unwrap_or_default(),
        sdp_fmtp_line: fmtp::write(&codec.parameters),
        rtcp_feedback: feedback,
    };
    Some(RTCRtpCodecParameters { rtp_codec, payload_type: codec.preferred_payload_type? })
}

//! What is sent: pictures of several packets, or sound.

use std::time::Duration;

use mediasoup_core::media::{
    options::{ProducerOptions, RouterOptions},
    rtp::{MediaKind, RtpCodecCapability, RtpParameters},
};
use serde_json::json;

/// Of everything that is sent.
pub const SSRC: u32 = 1111;

/// Of a packet with its header, in bytes.
const PICTURE_PACKET_LEN: usize = 1_000;
const SOUND_PACKET_LEN: usize = 120;
const PICTURE_PACKETS: usize = 6;

/// What one sends.
#[derive(Clone, Copy)]
pub enum Traffic {
    /// 30 pictures a second, each of six packets of one length.
    Video,
    /// The same as browsers cut them: the first half of the packets is a byte shorter.
    UnevenVideo,
    /// 50 packets a second.
    Audio,
}

impl Traffic {
    fn is_video(self) -> bool {
        !matches!(self, Self::Audio)
    }

    /// Between two times.
    #[must_use]
    pub fn interval(self) -> Duration {
        Duration::from_secs(1) / if self.is_video() { 30 } else { 50 }
    }

    /// At a time.
    #[must_use]
    pub fn packets(self) -> usize {
        if self.is_video() { PICTURE_PACKETS } else { 1 }
    }

    /// Of the longest, in bytes, not sealed.
    #[must_use]
    pub fn packet_len(self) -> usize {
        if self.is_video() { PICTURE_PACKET_LEN } else { SOUND_PACKET_LEN }
    }

    /// A plain packet, the `index`th of its time.
    #[must_use]
    pub fn packet(self, sequence_number: u16, timestamp: u32, index: usize, is_key_frame: bool) -> Vec<u8> {
        let is_last = index + 1 == self.packets();
        let mut packet = vec![0x80, u8::from(is_last) << 7 | 96];
        packet.extend(sequence_number.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(SSRC.to_be_bytes());
        if self.is_video() {
            // VP8 (RFC 7741): whether a picture starts here, and whether decoding can.
            packet.extend([u8::from(index == 0) << 4, u8::from(!is_key_frame), 0, 0, 0x9D, 0x01, 0x2A]);
        }
        let is_shorter = matches!(self, Self::UnevenVideo) && index < PICTURE_PACKETS / 2;
        packet.resize(self.packet_len() - usize::from(is_shorter), 0xAB);
        packet
    }

    /// The track that it is, to be produced.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn track(self) -> ProducerOptions {
        let (kind, codec) = match self {
            Self::Video | Self::UnevenVideo => (
                MediaKind::Video,
                json!({ "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000, "rtcpFeedback": [
                    { "type": "nack" }, { "type": "nack", "parameter": "pli" }, { "type": "transport-cc" },
                ] }),
            ),
            Self::Audio => (
                MediaKind::Audio,
                json!({ "mimeType": "audio/opus", "payloadType": 96, "clockRate": 48000, "channels": 2 }),
            ),
        };
        let parameters: RtpParameters =
            serde_json::from_value(json!({ "mid": "0", "codecs": [codec], "encodings": [{ "ssrc": SSRC }] }))
                .expect("it is well-formed");
        ProducerOptions::new(kind, parameters)
    }
}

/// A router that knows both.
///
/// # Panics
/// Never.
#[must_use]
pub fn router_options() -> RouterOptions {
    let codecs: Vec<RtpCodecCapability> = serde_json::from_value(json!([
        { "kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2 },
        { "kind": "video", "mimeType": "video/VP8", "clockRate": 90000 },
    ]))
    .expect("they are well-formed");
    RouterOptions::new(codecs)
}

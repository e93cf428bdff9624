//! Frames into RTP payloads.

use bytes::{Bytes, BytesMut};
use rtc::rtp::{
    codec::{av1::Av1Payloader, h264::H264Payloader, vp8::Vp8Payloader, vp9::Vp9Payloader},
    packetizer::Payloader,
};

/// Payload bytes of a packet at most: below any path's MTU with headers and authentication tags.
const PAYLOAD_LEN_MAX: usize = 1_100;

/// What pictures are encoded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VideoCodec {
    /// RFC 6386.
    Vp8,
    /// Of WebM.
    Vp9,
    /// ITU-T H.264.
    H264,
    /// Of AOM.
    Av1,
}

impl VideoCodec {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Vp8, Self::Vp9, Self::H264, Self::Av1];

    /// As in RTP parameters.
    #[must_use]
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Vp8 => "video/VP8",
            Self::Vp9 => "video/VP9",
            Self::H264 => "video/H264",
            Self::Av1 => "video/AV1",
        }
    }

    fn payloader(self) -> Box<dyn Payloader> {
        match self {
            Self::Vp8 => {
                let mut payloader = Vp8Payloader::default();
                payloader.enable_picture_id = true;
                Box::new(payloader)
            }
            Self::Vp9 => Box::new(Vp9Payloader::default()),
            Self::H264 => Box::new(H264Payloader::default()),
            Self::Av1 => Box::new(Av1Payloader::default()),
        }
    }
}

/// Payloads of the packets of each frame.
pub(super) fn packets(codec: VideoCodec, frames: &[Bytes], key_frames: &[usize]) -> Vec<Vec<Bytes>> {
    let mut payloader = codec.payloader();
    let packets = |(index, frame): (usize, &Bytes)| {
        let payloads = payloader.payload(PAYLOAD_LEN_MAX, frame).expect("an encoder's frame is well-formed");
        match codec {
            VideoCodec::Vp9 => {
                payloads.iter().map(|payload| vp9(payload, key_frames.contains(&index))).collect()
            }
            _ => payloads,
        }
    };
    frames.iter().enumerate().map(packets).collect()
}

/// The payloader says of no frame that it needs another. RFC 9628 §4.2: P is set then; F is clear, so that
/// which one need not be said.
fn vp9(payload: &Bytes, is_key_frame: bool) -> Bytes {
    let mut payload = BytesMut::from(&payload[..]);
    payload[0] = payload[0] & !0x10 | if is_key_frame { 0 } else { 0x40 };
    payload.freeze()
}

//! What the engine reads of a codec's payload: whether a picture can be decoded from here on.

mod av1;
mod h264;
pub(crate) mod vp8;
mod vp9;

/// A codec, as far as forwarding it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Vp8,
    Vp9,
    H264,
    Av1,
    /// Audio, and whatever has no key frames.
    Other,
}

impl Codec {
    pub(crate) fn from_mime_type(mime_type: &str) -> Self {
        match mime_type.to_ascii_lowercase().as_str() {
            "video/vp8" => Self::Vp8,
            "video/vp9" => Self::Vp9,
            "video/h264" => Self::H264,
            "video/av1" => Self::Av1,
            _ => Self::Other,
        }
    }

    /// Whether decoding has to start at a key frame.
    pub(crate) fn has_key_frames(self) -> bool {
        self != Self::Other
    }

    /// Whether this payload is the start of a key frame.
    pub(crate) fn starts_key_frame(self, payload: &[u8]) -> bool {
        let starts = match self {
            Self::Vp8 => vp8::starts_key_frame(payload),
            Self::Vp9 => vp9::starts_key_frame(payload),
            Self::H264 => h264::starts_key_frame(payload),
            Self::Av1 => av1::starts_key_frame(payload),
            Self::Other => None,
        };
        starts.unwrap_or(false)
    }
}

//! What the engine reads of a codec's payload: whether a picture can be decoded from here on, and its layer.

pub(crate) mod av1;
mod bits;
pub(crate) mod dependency;
mod h264;
mod place;
pub(crate) mod red;
pub(crate) mod vp8;
pub(crate) mod vp9;

pub(crate) use place::Place;

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

    /// The layer a payload is of, where its own descriptor tells.
    pub(crate) fn place(self, payload: &[u8]) -> Place {
        let place = match self {
            Self::Vp8 => vp8::place(payload).map(Place::Vp8),
            Self::Vp9 => vp9::place(payload).map(Place::Vp9),
            Self::H264 | Self::Av1 | Self::Other => None,
        };
        place.unwrap_or_default()
    }

    /// Whether packets of it may come with a dependency descriptor that is worth reading.
    pub(crate) fn is_described(self) -> bool {
        matches!(self, Self::Av1 | Self::H264)
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

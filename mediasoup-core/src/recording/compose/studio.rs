//! What composing needs of codecs: decoders in, encoders out.

use std::{fmt, time::Duration};

use crate::recording::roster::TrackCodec;

/// Hz, of all sound between decoders and encoders.
pub const SAMPLE_RATE: u32 = 48_000;

/// A sample: left and right.
pub type Stereo = [i16; 2];

/// A packet in its place: packets of a stream come in order, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderedPacket {
    /// When it is to be seen or heard, on the recording's timeline; the same for all packets of a frame.
    pub at: Duration,
    /// Counts up by one; a jump is a loss that was not repaired.
    pub sequence: u64,
    /// In units of the codec's clock rate.
    pub timestamp: u32,
    /// RTP marker bit.
    pub marker: bool,
    /// Decoding can start here.
    pub is_key_frame: bool,
    /// RTP payload.
    pub payload: Box<[u8]>,
}

/// A stream that cannot be decoded any further by this decoder; another may be opened for what follows.
#[derive(Debug, thiserror::Error)]
#[error("cannot decode: {0}")]
pub struct DecodeError(pub String);

/// Files cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudioError {
    /// An encoder or a container.
    #[error("cannot encode: {0}")]
    Encode(String),
    /// The disk is full, or the like.
    #[error("cannot write: {0}")]
    Write(#[from] std::io::Error),
}

/// A decoded picture. Cheap to clone.
pub trait Frame: Clone + Send {
    /// Width and height in pixels, before it is turned.
    fn size(&self) -> (u32, u32);
}

/// Decodes the packets of one encoding of a video track.
pub trait VideoDecoder<F> {
    /// Takes the next packet. What it completes is appended to `frames`, each with its `at`, in order, without delay:
    /// when this returns, all that can be seen up to here has come. Losses and starts without a key frame give
    /// no frame until the next key frame.
    ///
    /// # Errors
    /// Give this decoder up.
    fn decode(&mut self, packet: &OrderedPacket, frames: &mut Vec<(Duration, F)>) -> Result<(), DecodeError>;
}

/// Decodes the packets of an audio track.
pub trait AudioDecoder {
    /// Takes the next packet, and appends its samples. `lost` packets before it are concealed: their samples come
    /// first.
    ///
    /// # Errors
    /// Give this decoder up.
    fn decode(
        &mut self,
        packet: &OrderedPacket,
        lost: u32,
        samples: &mut Vec<Stereo>,
    ) -> Result<(), DecodeError>;
}

/// A part of the picture, in pixels; all even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// At least 2.
    pub width: u32,
    /// At least 2.
    pub height: u32,
}

/// What is written on a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Name.
    pub text: String,
    /// Cannot be heard.
    pub muted: bool,
}

/// A part of the picture with somebody in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile<F> {
    /// The same from call to call, for one and the same participant or screen.
    pub key: u64,
    /// Where.
    pub rect: Rect,
    /// What; `None`: a card with the caption in its middle.
    pub frame: Option<F>,
    /// Another one whenever `frame` is another, 0 if there is none: a tile whose key, place, caption and revision are as
    /// before looks as before.
    pub revision: u64,
    /// Degrees, clockwise, by which the frame is to be turned.
    pub rotation: u16,
    /// Written at its lower edge.
    pub caption: Caption,
}

/// Codecs, and the files that are made.
pub trait Studio {
    /// A decoded picture.
    type Frame: Frame;

    /// A decoder of a video track.
    ///
    /// # Errors
    /// There is none for this codec.
    fn video_decoder(
        &mut self,
        codec: &TrackCodec,
    ) -> Result<Box<dyn VideoDecoder<Self::Frame>>, DecodeError>;

    /// A decoder of an audio track.
    ///
    /// # Errors
    /// There is none for this codec.
    fn audio_decoder(&mut self, codec: &TrackCodec) -> Result<Box<dyn AudioDecoder>, DecodeError>;

    /// The next picture. Pictures come one after the other, one for each 1/framerate of a second, from 0.
    /// Tiles are drawn in order onto black.
    ///
    /// # Errors
    /// No file can be made.
    fn show(&mut self, tiles: &[Tile<Self::Frame>]) -> Result<(), StudioError>;

    /// The next samples, without gap, from 0.
    ///
    /// # Errors
    /// No file can be made.
    fn play(&mut self, samples: &[Stereo]) -> Result<(), StudioError>;
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}+{}+{}", self.width, self.height, self.x, self.y)
    }
}

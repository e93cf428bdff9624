//! Values the document writes as texts.

use std::{fmt, num::NonZeroU32, str::FromStr};

use serde::{Deserialize, Serialize, Serializer};

/// bit/s, from a number or from a text such as `1000k` or `2M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "u32")]
pub struct Bitrate(pub NonZeroU32);

impl FromStr for Bitrate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (digits, factor) = match text.as_bytes().last() {
            Some(b'k' | b'K') => (&text[..text.len() - 1], 1_000),
            Some(b'm' | b'M') => (&text[..text.len() - 1], 1_000_000),
            _ => (text, 1),
        };
        let number: u32 = digits.parse().map_err(|_| EXPECTED_BITRATE)?;
        number.checked_mul(factor).and_then(NonZeroU32::new).map(Self).ok_or(EXPECTED_BITRATE)
    }
}

const EXPECTED_BITRATE: &str = "expected bit/s above zero, as a number or as a text like \"1000k\"";

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(i64),
    Text(String),
}

impl TryFrom<NumberOrText> for Bitrate {
    type Error = &'static str;

    fn try_from(value: NumberOrText) -> Result<Self, Self::Error> {
        match value {
            NumberOrText::Number(number) => {
                u32::try_from(number).ok().and_then(NonZeroU32::new).map(Self).ok_or(EXPECTED_BITRATE)
            }
            NumberOrText::Text(text) => text.parse(),
        }
    }
}

impl From<Bitrate> for u32 {
    fn from(bitrate: Bitrate) -> Self {
        bitrate.0.get()
    }
}

/// Width and height in pixels, written `1280x720`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Resolution {
    /// Even, 16 to 8192.
    pub width: u16,
    /// Even, 16 to 8192.
    pub height: u16,
}

impl FromStr for Resolution {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let side = |text: &str| {
            text.parse().ok().filter(|side: &u16| (16..=8192).contains(side) && side.is_multiple_of(2))
        };
        text.split_once('x')
            .and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }))
            .ok_or("expected \"WxH\", both even and 16 to 8192")
    }
}

impl TryFrom<String> for Resolution {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl Serialize for Resolution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

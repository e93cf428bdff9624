//! Values the document writes as texts.

use std::{num::NonZeroU32, str::FromStr};

use serde::{Deserialize, Serialize};

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

//! Codec parameters as the text of `a=fmtp` (RFC 8866 §6.15): `name=value;name=value`.

use mediasoup_core::media::rtp::Parameters;
use serde_json::Value;

/// Digits in it are hex, not a number.
const PROFILE_LEVEL_ID: &str = "profile-level-id";

/// The text of these parameters; empty without any.
pub(in crate::client) fn write(parameters: &Parameters) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        })
        .collect();
    pairs.join(";")
}

/// The parameters in this text; numbers become numbers, as in mediasoup-client. A part without `=` stands
/// for itself with an empty value.
pub(in crate::client) fn read(text: &str) -> Parameters {
    text.split(';')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let number = value.parse::<u32>().ok().filter(|_| name != PROFILE_LEVEL_ID);
            (name.to_owned(), number.map_or_else(|| Value::from(value), Value::from))
        })
        .collect()
}

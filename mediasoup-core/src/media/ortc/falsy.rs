//! Codec parameters as JavaScript reads them.

use serde_json::Value;

/// What JavaScript counts as false of a codec parameter.
pub(super) fn is_falsy(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Number(number)) => number.as_f64() == Some(0.0),
        Some(_) => false,
    }
}

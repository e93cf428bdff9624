//! Negotiation against its oracle: the golden vectors, and generated cases against npm `mediasoup` itself.

mod differential;
mod generate;
mod golden;
mod oracle;
mod ours;

use serde_json::Value;

/// The same without fields that are `null`: JSON's `null` means absent.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        scalar => scalar,
    }
}

//! Requests, parsed at the edge: from any JSON to a type of ours, or an error that names the field.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};

use crate::error::ApiError;

/// Parses a request. Absent and `null` count as an empty object, as a field of `null` counts as absent.
///
/// # Errors
/// Anything but an object; a field that is missing or of the wrong type, by its path.
pub(crate) fn parse<T: DeserializeOwned>(request: Option<Value>) -> Result<T, ApiError> {
    let mut fields = match request {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(ApiError::malformed("request must be a JSON object")),
    };
    fields.retain(|_, value| !value.is_null());
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let path = error.path().to_string();
        let why = error.into_inner().to_string();
        match missing_field(&why) {
            Some(name) if path == "." => ApiError::invalid(name, "is required"),
            Some(name) => ApiError::invalid(format!("{path}.{name}"), "is required"),
            None => ApiError::invalid(path, why),
        }
    })
}

/// serde names a missing field in its text only; the path ends at the object that lacks it.
fn missing_field(why: &str) -> Option<&str> {
    why.strip_prefix("missing field `")?.strip_suffix('`')
}

/// Parses the name of a room or a participant that did not come in a JSON body.
///
/// # Errors
/// Not a name; `field` says which.
pub(crate) fn name<T: FromStr>(field: &str, text: &str) -> Result<T, ApiError>
where
    T::Err: fmt::Display,
{
    text.parse().map_err(|why| ApiError::invalid(field, why))
}

/// A field that must be a JSON object. (Derived code would take an array of the fields' values, too.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use mediasoup_core::{ids::RoomId, media::transport::DtlsParameters};
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request {
        room_id: RoomId,
        #[serde(default)]
        paused: bool,
        options: Option<Object<Options>>,
        dtls_parameters: Option<Object<DtlsParameters>>,
    }

    #[derive(Debug, Deserialize)]
    struct Options {
        timeout: u64,
    }

    fn field_of(request: Value) -> Option<String> {
        parse::<Request>(Some(request)).unwrap_err().field
    }

    #[test]
    fn null_is_absent_and_unknown_fields_are_ignored() {
        let request: Request =
            parse(Some(json!({"roomId": "a", "paused": null, "options": null, "more": [1]}))).unwrap();
        assert_eq!(request.room_id.as_str(), "a");
        assert!(!request.paused && request.options.is_none() && request.dtls_parameters.is_none());
        let request: Request = parse(Some(json!({"roomId": "a", "options": {"timeout": 5}}))).unwrap();
        assert_eq!(request.options.map(|Object(options)| options.timeout), Some(5));
    }

    #[test]
    fn an_error_names_the_field() {
        assert_eq!(field_of(json!({})).as_deref(), Some("roomId"));
        assert_eq!(field_of(json!({"roomId": null})).as_deref(), Some("roomId"));
        assert_eq!(field_of(json!({"roomId": 5})).as_deref(), Some("roomId"));
        assert_eq!(field_of(json!({"roomId": "a/b"})).as_deref(), Some("roomId"));
        assert_eq!(field_of(json!({"roomId": "a", "paused": "yes"})).as_deref(), Some("paused"));
        assert_eq!(field_of(json!({"roomId": "a", "options": []})).as_deref(), Some("options"));
        assert_eq!(field_of(json!({"roomId": "a", "options": [1]})).as_deref(), Some("options"));
        assert_eq!(field_of(json!({"roomId": "a", "options": {}})).as_deref(), Some("options.timeout"));
        let options = json!({"roomId": "a", "options": {"timeout": -1}});
        assert_eq!(field_of(options).as_deref(), Some("options.timeout"));
        let fingerprint = json!({"algorithm": "md5", "value": "00"});
        let dtls = json!({"roomId": "a", "dtlsParameters": {"fingerprints": [fingerprint]}});
        assert_eq!(field_of(dtls).as_deref(), Some("dtlsParameters.fingerprints[0].algorithm"));
    }

    #[test]
    fn only_objects_are_requests() {
        for request in [json!([]), json!(["a"]), json!("a"), json!(1), json!(true)] {
            let error = parse::<Request>(Some(request)).unwrap_err();
            assert_eq!(error.error, "request must be a JSON object");
        }
        assert_eq!(parse::<Request>(None).unwrap_err().field.as_deref(), Some("roomId"));
    }
}

//! A request as it came: its name, its one argument, and where to answer.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::reply::{Outcome, Responder};
use crate::{error::ApiError, input};

/// Longest `requestId`, in bytes.
const REQUEST_ID_LEN_MAX: usize = 128;

/// What was asked.
#[derive(Debug)]
pub(super) struct Request {
    /// With its prefix.
    pub(super) event: String,
    /// The client's, to tell replies apart.
    pub(super) request_id: Option<String>,
    payload: Result<Option<Value>, ApiError>,
}

impl Request {
    /// Reads the text of a Socket.IO event packet: an array of the event's name and its arguments.
    fn read(event: String, packet: &str) -> Self {
        let mut payload = match serde_json::from_str::<Vec<Value>>(packet) {
            Ok(arguments) => Ok(arguments.into_iter().nth(1)),
            Err(error) => Err(ApiError::malformed(format!("malformed JSON: {error}"))),
        };
        let mut request_id = None;
        if let Ok(Some(Value::Object(fields))) = &mut payload {
            match fields.remove("requestId") {
                None | Some(Value::Null) => {}
                Some(Value::String(id)) if id.len() <= REQUEST_ID_LEN_MAX => request_id = Some(id),
                Some(Value::String(_)) => {
                    let why = format!("must be at most {REQUEST_ID_LEN_MAX} bytes");
                    payload = Err(ApiError::invalid("requestId", why));
                }
                Some(_) => payload = Err(ApiError::invalid("requestId", "must be a string")),
            }
        }
        Self { event, request_id, payload }
    }

    /// Its argument, parsed.
    pub(super) fn parse<T: DeserializeOwned>(&mut self) -> Result<T, ApiError> {
        let payload = std::mem::replace(&mut self.payload, Ok(None));
        input::parse(payload?)
    }
}

/// A request, and where to answer it.
pub(super) struct Incoming {
    pub(super) request: Request,
    responder: Responder,
}

impl Incoming {
    pub(super) fn parse(event: String, packet: &str, responder: Responder) -> Self {
        Self { request: Request::read(event, packet), responder }
    }

    /// Answers it.
    pub(super) fn answer(self, outcome: &Outcome) -> Result<(), super::reply::Lagging> {
        self.responder.send(&self.request, outcome)
    }

    /// Refuses it unread.
    pub(super) fn refuse(self, error: &ApiError) {
        // A client that does not even read refusals is dealt with by its session.
        let _ = self.answer(&Err(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use mediasoup_core::ids::RoomId;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct InRoom {
        room_id: RoomId,
    }

    fn read(packet: &str) -> Request {
        Request::read("mediasoup:leave-room".to_owned(), packet)
    }

    #[test]
    fn the_request_id_is_taken_out() {
        let mut request = read(r#"["mediasoup:leave-room",{"roomId":"a","requestId":"7"}]"#);
        assert_eq!(request.request_id.as_deref(), Some("7"));
        assert_eq!(request.parse::<InRoom>().unwrap().room_id.as_str(), "a");
        assert_eq!(read(r#"["e",{"requestId":null}]"#).request_id, None);
    }

    #[test]
    fn anything_but_one_object_is_invalid() {
        let rows = [
            (r#"["e"]"#, Some("roomId")),
            (r#"["e",null]"#, Some("roomId")),
            (r#"["e","a"]"#, None),
            (r#"["e",["a"]]"#, None),
            (r#"["e",{"roomId":"a","requestId":7}]"#, Some("requestId")),
            (r#"["e",{"_placeholder":true,"num":0}]"#, Some("roomId")),
            (r#"["e",{"roomId":"a"#, None),
        ];
        for (packet, field) in rows {
            let error = read(packet).parse::<InRoom>().unwrap_err();
            assert_eq!((error.code.as_str(), error.field.as_deref()), ("INVALID_REQUEST", field), "{packet}");
        }
        assert!(read(r#"["e",{"roomId":"a"},"ignored"]"#).parse::<InRoom>().is_ok());
        let deep = format!(r#"["e",{}{}]"#, "[".repeat(10_000), "]".repeat(10_000));
        assert!(read(&deep).parse::<InRoom>().is_err());
    }
}

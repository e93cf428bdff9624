//! Answers: the documented event and the acknowledgement, with one and the same object.

use mediasoup_core::{ids::RoomId, recording::Recording, room::RoomEvent};
use serde_json::{Map, Value};
use socketioxide::{
    SendError, SocketError,
    extract::{AckSender, SocketRef},
};

use super::{events, request::Request};
use crate::error::ApiError;

/// A request's success or failure.
pub(super) type Outcome = Result<Reply, ApiError>;

/// A success.
#[derive(Debug)]
pub(super) struct Reply {
    /// The documented event, with its prefix.
    pub(super) event: &'static str,
    /// What it carries.
    pub(super) body: Map<String, Value>,
    /// The room's event of this very doing, which the caller gets as this reply instead.
    pub(super) echo: Option<(RoomId, RoomEvent)>,
    /// The recording that is to be stopped first: the reply is made of what comes of that.
    pub(super) stopping: Option<Box<Recording>>,
}

impl Reply {
    /// A reply of this event; `body` is an object.
    pub(super) fn new(event: &'static str, body: Value) -> Self {
        let body = if let Value::Object(body) = body { body } else { Map::new() };
        Self { event, body, echo: None, stopping: None }
    }

    /// A reply that takes the place of a room's event.
    pub(super) fn instead_of(room: RoomId, event: RoomEvent) -> Outcome {
        let (name, body) = events::to_client(&room, &event).ok_or_else(ApiError::internal)?;
        Ok(Self { event: name, body, echo: Some((room, event)), stopping: None })
    }
}

/// The client does not read what it is sent.
#[derive(Debug)]
pub(super) struct Lagging;

/// Sends one event. A client that is gone already is no failure: its session ends by itself.
pub(super) fn emit(socket: &SocketRef, event: &str, body: &Map<String, Value>) -> Result<(), Lagging> {
    delivered(&socket.emit(event, body))
}

fn delivered(sent: &Result<(), SendError>) -> Result<(), Lagging> {
    match sent {
        Err(SendError::Socket(SocketError::InternalChannelFull)) => Err(Lagging),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Where one request is answered.
pub(super) struct Responder {
    socket: SocketRef,
    /// Where the client asked for an acknowledgement.
    ack: Option<AckSender>,
}

impl Responder {
    pub(super) fn new(socket: SocketRef, ack: Option<AckSender>) -> Self {
        Self { socket, ack }
    }

    /// Success goes out as event and acknowledgement, failure as acknowledgement, or without one as the events
    /// `error` and `mediasoup:error`.
    pub(super) fn send(self, request: &Request, outcome: &Outcome) -> Result<(), Lagging> {
        match outcome {
            Ok(reply) => {
                let body = success(request, reply);
                if let Some(ack) = self.ack {
                    delivered(&ack.send(&body))?;
                }
                emit(&self.socket, reply.event, &body)
            }
            Err(error) => {
                tracing::debug!(
                    event = request.event,
                    code = error.code.as_str(),
                    error = error.error,
                    "refused"
                );
                let body = failure(request, error);
                match self.ack {
                    Some(ack) => delivered(&ack.send(&body)),
                    None => {
                        emit(&self.socket, "error", &body)?;
                        emit(&self.socket, "mediasoup:error", &body)
                    }
                }
            }
        }
    }
}

fn success(request: &Request, reply: &Reply) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("success".to_owned(), Value::Bool(true));
    body.extend(request.request_id.clone().map(|id| ("requestId".to_owned(), Value::String(id))));
    body.extend(reply.body.clone());
    body
}

fn failure(request: &Request, error: &ApiError) -> Map<String, Value> {
    let mut body = error.envelope();
    body.insert("event".to_owned(), Value::from(request.event.as_str()));
    body.extend(request.request_id.clone().map(|id| ("requestId".to_owned(), Value::String(id))));
    body
}

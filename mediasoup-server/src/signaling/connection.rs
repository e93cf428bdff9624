//! A socket's way in: the token is checked, its requests are queued, its task is started and stopped.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use mediasoup_core::ids::ParticipantId;
use serde_json::Value;
use socketioxide::{
    adapter::LocalAdapter,
    extract::{AckSender, Event, SocketRef, State, TryData},
    handler::FromMessageParts,
    socket::Socket,
};
use tokio::sync::{Notify, mpsc};

use super::{
    reply::Responder,
    request::Incoming,
    session::{Inbox, Session},
};
use crate::{
    access,
    auth::Identity,
    error::{ApiError, Code},
    state::AppState,
};

/// Requests of one socket that may wait; further ones are refused.
const INBOX_LEN: usize = 64;

/// What [`admit`] leaves for [`serve`].
#[derive(Clone)]
struct Admitted {
    identity: Identity,
    /// Taken once.
    inbox: Arc<Mutex<Option<Inbox>>>,
}

/// Why a client was not let in. Its text is `message` of the client's `connect_error`; Socket.IO's `data` is
/// out of reach here, so the code stands in front.
pub(super) struct Rejected(ApiError);

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.error)
    }
}

/// Before the connection is answered: checks the token, and sets the handlers, so that no request can come
/// before them.
pub(super) async fn admit(
    socket: SocketRef,
    State(state): State<AppState>,
    TryData(auth): TryData<Value>,
) -> Result<(), Rejected> {
    let request = socket.req_parts();
    let auth = auth.unwrap_or_default();
    let token = auth
        .get("token")
        .and_then(Value::as_str)
        .or_else(|| access::bearer(&request.headers))
        .or_else(|| token_of_query(request.uri.query()?));
    let identity = state.auth.authenticate(token).map_err(|error| Rejected(error.into()))?;

    let (requests, inbox) = mpsc::channel(INBOX_LEN);
    let gone = Arc::new(Notify::new());
    let inbox = Inbox { requests: inbox, gone: gone.clone() };
    socket.extensions.insert(Admitted { identity, inbox: Arc::new(Mutex::new(Some(inbox))) });
    socket.on_fallback(move |Arrived(incoming)| {
        if let Err(refused) = requests.try_send(incoming) {
            let error = ApiError::new(Code::LimitExceeded, "Too many requests in flight");
            refused.into_inner().refuse(&error);
        }
        std::future::ready(())
    });
    socket.on_disconnect(move || {
        gone.notify_one();
        std::future::ready(())
    });
    Ok(())
}

/// `token=` of the query: for clients that can set neither `auth` nor headers.
fn token_of_query(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("token=")).filter(|token| !token.is_empty())
}

/// Once connected: runs the socket's session to its end.
pub(super) async fn serve(socket: SocketRef, State(state): State<AppState>) {
    let Some(admitted) = socket.extensions.remove::<Admitted>() else { return };
    let inbox = admitted.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
    let participant = match admitted.identity.subject.clone() {
        Some(subject) => Ok(subject),
        None => socket.id.as_str().parse::<ParticipantId>(),
    };
    let (Some(inbox), Ok(participant)) = (inbox, participant) else { return };
    tracing::debug!(target: "mediasoup::participant", %participant, namespace = socket.ns(), "socket connected");
    Session::new(state, socket, admitted.identity, participant).run(inbox).await;
}

/// An event from the client, of any name and any shape.
struct Arrived(Incoming);

impl FromMessageParts<LocalAdapter> for Arrived {
    type Error = socketioxide::ParserError;

    fn from_message_parts(
        socket: &Arc<Socket<LocalAdapter>>,
        packet: &mut socketioxide::handler::Value,
        ack_id: &Option<i64>,
    ) -> Result<Self, Self::Error> {
        let Event(event) = Event::from_message_parts(socket, packet, ack_id)?;
        let Ok(ack) = AckSender::from_message_parts(socket, packet, ack_id);
        let responder = Responder::new(SocketRef::from(socket.clone()), ack_id.is_some().then_some(ack));
        let text = packet.as_str().map_or("", |text| text.as_str());
        Ok(Self(Incoming::parse(event, text, responder)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_come_in_the_query() {
        assert_eq!(token_of_query("EIO=4&token=a.b.c&transport=polling"), Some("a.b.c"));
        assert_eq!(token_of_query("EIO=4&token="), None);
        assert_eq!(token_of_query("EIO=4&mytoken=a"), None);
    }
}

//! What can go wrong on the client's side.

use mediasoup_core::media::rtp::MediaKind;

/// Why the client could not do as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server answered a request with a failure.
    #[error("{event} was refused: {error} [{code}]")]
    Refused {
        /// The request.
        event: String,
        /// Stable, upper case.
        code: String,
        /// For a person.
        error: String,
    },
    /// The server did not let the socket into the namespace.
    #[error("connection refused: {0}")]
    ConnectRefused(String),
    /// The WebSocket failed.
    #[error("websocket failed")]
    WebSocket(#[source] Box<tokio_tungstenite::tungstenite::Error>),
    /// The socket is closed.
    #[error("the socket is closed")]
    Closed,
    /// Nothing came within the time allowed.
    #[error("no {0} in time")]
    Timeout(String),
    /// More events came than a reader may leave unread.
    #[error("{0} events were missed")]
    EventsMissed(u64),
    /// The server sent something this client cannot read.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// A message does not have the documented shape.
    #[error("unexpected JSON")]
    Json(#[from] serde_json::Error),
    /// The room has no codec of this kind that the client can use.
    #[error("no {0:?} codec in common with the room")]
    NoCommonCodec(MediaKind),
    /// The peer connection failed.
    #[error("peer connection failed")]
    Peer(#[from] webrtc::error::Error),
}

impl From<tokio_tungstenite::tungstenite::Error> for ClientError {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

impl ClientError {
    /// The server's code, if it was the server that refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

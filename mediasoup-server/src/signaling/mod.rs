//! Socket.IO: the same handlers on the namespaces `/` and `/ws`.
//!
//! A socket's requests are queued in the order they came ([`connection`]) and handled one after the other by
//! the socket's one task ([`session`]), which forwards the events of its rooms in between. So a client need not
//! wait for the reply to `create-room` before it sends `join-room`, and `room-joined` comes before anything
//! that happens later in the room. Each family of requests has a file of small functions.

mod connection;
mod consumers;
mod data;
mod dispatch;
mod events;
mod news;
mod producers;
mod recording;
mod reply;
mod request;
mod rooms;
mod session;
mod stats;
mod transports;

use std::time::Duration;

use socketioxide::{ParserConfig, SocketIo, handler::ConnectHandler, layer::SocketIoLayer};

use crate::state::AppState;

/// Packets that may wait for one client to read them; one that lags further is disconnected.
const OUTBOX_LEN: usize = 1024;

/// The Engine.IO layer with all handlers, and the handle to reach its sockets.
pub fn layer(state: AppState) -> (SocketIoLayer, SocketIo) {
    let message_len_max = state.config.http.max_body_size;
    let message_bytes_max = usize::try_from(message_len_max).unwrap_or(usize::MAX);
    let parser = ParserConfig::common()
        .max_incoming_binaries(10)
        .max_incoming_binary_buf_size(message_bytes_max)
        .packet_completion_timeout(Duration::from_secs(10));
    let (layer, io) = SocketIo::builder()
        .ping_interval(Duration::from_secs(25))
        .ping_timeout(Duration::from_secs(20))
        .connect_timeout(Duration::from_secs(20))
        .ack_timeout(Duration::from_secs(5))
        .max_payload(message_len_max.into())
        .ws_max_message_size(message_bytes_max)
        .ws_max_frame_size(message_bytes_max)
        .max_buffer_size(OUTBOX_LEN)
        .with_parser(parser)
        .with_state(state)
        .build_layer();
    for namespace in ["/", "/ws"] {
        io.ns(namespace, connection::serve.with(connection::admit));
    }
    (layer, io)
}

//! Socket.IO: the same handlers on the namespaces `/` and `/ws`.

use socketioxide::{SocketIo, layer::SocketIoLayer};

use crate::app::AppState;

/// The Engine.IO layer with all handlers, and the handle to reach its sockets.
pub fn layer(state: AppState) -> (SocketIoLayer, SocketIo) {
    SocketIo::builder().with_state(state).build_layer()
}

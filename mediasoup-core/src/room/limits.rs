//! Bounds of a room, in one place.

/// Transports a participant may have: two are usual, the rest is for reconnecting.
pub(super) const TRANSPORTS_MAX: usize = 8;
/// Producers a participant may have.
pub(super) const PRODUCERS_MAX: usize = 32;
/// Consumers a participant may have.
pub(super) const CONSUMERS_MAX: usize = 1024;
/// Data producers a participant may have.
pub(super) const DATA_PRODUCERS_MAX: usize = 32;
/// Data consumers a participant may have.
pub(super) const DATA_CONSUMERS_MAX: usize = 1024;
/// Longest label and longest subprotocol of a data channel, in bytes: everyone is told of them.
pub(super) const DATA_NAME_LEN_MAX: usize = 1024;
/// Events a session may be behind before it is removed; its last event has a place of its own.
pub(super) const SESSION_QUEUE_LEN: usize = 1024;
/// Changes of its roster a recording may be behind before it is let go.
pub(super) const ROSTER_QUEUE_LEN: usize = 1024;
/// Commands a room may be behind before callers wait.
pub(super) const COMMAND_QUEUE_LEN: usize = 256;

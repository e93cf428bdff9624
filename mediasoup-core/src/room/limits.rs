//! Bounds of a room, in one place.

/// Transports a participant may have: two are usual, the rest is for reconnecting.
pub(super) const TRANSPORTS_MAX: usize = 8;
/// Producers a participant may have.
pub(super) const PRODUCERS_MAX: usize = 32;
/// Consumers a participant may have.
pub(super) const CONSUMERS_MAX: usize = 1024;
/// Events a session may be behind before it is removed; its last event has a place of its own.
pub(super) const SESSION_QUEUE_LEN: usize = 1024;
/// Changes of its roster a recording may be behind before it is let go.
pub(super) const ROSTER_QUEUE_LEN: usize = 1024;
/// Commands a room may be behind before callers wait.
pub(super) const COMMAND_QUEUE_LEN: usize = 256;

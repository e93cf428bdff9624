//! Sockets take turns.

/// What a socket's turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may have more.
    More,
    /// It has nothing until the next event.
    Drained,
    /// It is of no more use.
    Closed,
}

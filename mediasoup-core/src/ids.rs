//! Identifiers.
//!
//! What the engine makes (workers, routers, transports, producers, consumers, recordings) is named by
//! a random UUID, as in mediasoup. Rooms and participants are named by the caller: such a name is
//! parsed once, at the edge, and is valid from then on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random id (UUID version 4).
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// An id from 128 given bits, for callers that own their randomness.
            #[must_use]
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A worker: one thread, one UDP and one TCP port.
    WorkerId,
    /// A router: one room's media, on one worker.
    RouterId,
    /// A transport between the server and one peer.
    TransportId,
    /// A track a peer sends.
    ProducerId,
    /// A track the server sends on to a peer.
    ConsumerId,
    /// An observer of producers' audio levels.
    RtpObserverId,
    /// A recording of a room.
    RecordingId,
}

/// Why a text is not a room or participant id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 characters of A-Z a-z 0-9 . _ : - and neither \".\" nor \"..\"")]
pub struct InvalidName;

/// Longest room or participant id, in characters.
pub const NAME_LEN_MAX: usize = 128;

fn parse_name(text: &str) -> Result<String, InvalidName> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b':' | b'-');
    let valid =
        (1..=NAME_LEN_MAX).contains(&text.len()) && text.bytes().all(allowed) && !matches!(text, "." | "..");
    if valid { Ok(text.to_owned()) } else { Err(InvalidName) }
}

macro_rules! name_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// 1 to 128 of `A-Z a-z 0-9 . _ : -`, and neither `.` nor `..`: safe in a path and in a log line.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_name(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

name_id! {
    /// A room, named by whoever creates it.
    RoomId,
    /// A participant of a room, named by its token or by its socket.
    ParticipantId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_at_the_edge() {
        for good in ["a", "room-123", "A.b_c:d-9", &"x".repeat(128)] {
            assert_eq!(good.parse::<RoomId>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a/b", "a b", "ä", "a\0", &"x".repeat(129)] {
            assert_eq!(bad.parse::<RoomId>(), Err(InvalidName), "{bad:?}");
        }
    }
}

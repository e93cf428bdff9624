//! What a message is, as RFC 8831 §8 writes it: its payload protocol identifier.

use crate::media::data::DataMessage;

const STRING: u32 = 51;
const BINARY: u32 = 53;
const STRING_EMPTY: u32 = 56;
const BINARY_EMPTY: u32 = 57;

/// SCTP knows no empty message: one byte stands for it, and is ignored.
const NOTHING: [u8; 1] = [0];

/// A message with its identifier, as it is sent on from stream to stream.
#[derive(Clone)]
pub(super) struct WireMessage {
    pub(super) ppid: u32,
    pub(super) payload: Vec<u8>,
}

impl WireMessage {
    /// `None` for what is no message of a user: the establishment protocol (RFC 8832), which negotiated channels do
    /// without, and what is deprecated or unknown.
    pub(super) fn new(ppid: u32, payload: Vec<u8>) -> Option<Self> {
        matches!(ppid, STRING | BINARY | STRING_EMPTY | BINARY_EMPTY).then_some(Self { ppid, payload })
    }

    /// Bytes of the user's.
    pub(super) fn len(&self) -> usize {
        if matches!(self.ppid, STRING_EMPTY | BINARY_EMPTY) { 0 } else { self.payload.len() }
    }
}

impl From<WireMessage> for DataMessage {
    /// What is no text, though it says so, is read as far as it is.
    fn from(WireMessage { ppid, payload }: WireMessage) -> Self {
        match ppid {
            STRING => Self::Text(String::from_utf8_lossy(&payload).into_owned()),
            STRING_EMPTY => Self::Text(String::new()),
            BINARY_EMPTY => Self::Binary(Vec::new()),
            _ => Self::Binary(payload),
        }
    }
}

impl From<DataMessage> for WireMessage {
    fn from(message: DataMessage) -> Self {
        let (ppid, empty, payload) = match message {
            DataMessage::Text(text) => (STRING, STRING_EMPTY, text.into_bytes()),
            DataMessage::Binary(bytes) => (BINARY, BINARY_EMPTY, bytes),
        };
        if payload.is_empty() {
            Self { ppid: empty, payload: NOTHING.to_vec() }
        } else {
            Self { ppid, payload }
        }
    }
}

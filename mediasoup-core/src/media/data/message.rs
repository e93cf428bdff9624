/// One message of a data channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataMessage {
    /// Text; may be empty.
    Text(String),
    /// Bytes; may be none.
    Binary(Vec<u8>),
}

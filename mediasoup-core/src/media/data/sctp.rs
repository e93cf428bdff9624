//! What both sides of an SCTP association say of it, in mediasoup's JSON.

use serde::{Deserialize, Serialize};

/// Port of both sides: a transport has one association, so there is nothing to tell apart (RFC 8841 §5).
const PORT: u16 = 5000;

/// How many streams an association may use each way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumSctpStreams {
    /// From the server, at least 1.
    #[serde(rename = "OS")]
    pub outgoing: u16,
    /// To the server, at least 1.
    #[serde(rename = "MIS")]
    pub incoming: u16,
}

impl Default for NumSctpStreams {
    /// 1024 each way, as mediasoup-client has it.
    fn default() -> Self {
        Self { outgoing: 1024, incoming: 1024 }
    }
}

/// Options of a transport's SCTP association.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SctpOptions {
    /// Streams each way. Default: 1024.
    pub num_sctp_streams: NumSctpStreams,
    /// Bytes of the longest message, either way; at most [`SctpOptions::MESSAGE_SIZE_MAX`]. Default: 262,144.
    pub max_message_size: u32,
    /// Bytes that may wait for the peer: what comes beyond is not sent. Default: 2,000,000.
    pub send_buffer_size: u32,
}

impl SctpOptions {
    /// Longest message that can be allowed, in bytes: what browsers take.
    pub const MESSAGE_SIZE_MAX: u32 = 262_144;
    /// Bytes of unfinished messages a peer may have under way: four of the longest. It bounds what a peer can
    /// make the server keep; one that is within it is never slowed down, as finished messages go on at once.
    pub(crate) const RECEIVE_WINDOW: u32 = 4 * Self::MESSAGE_SIZE_MAX;
}

impl Default for SctpOptions {
    fn default() -> Self {
        Self {
            num_sctp_streams: NumSctpStreams::default(),
            max_message_size: Self::MESSAGE_SIZE_MAX,
            send_buffer_size: 2_000_000,
        }
    }
}

/// What a client makes its side of the association from: mediasoup's names, the newer and the older ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SctpParameters {
    /// Always 5000.
    pub port: u16,
    /// Streams each way.
    #[serde(flatten)]
    pub num_sctp_streams: NumSctpStreams,
    /// Bytes of the longest message, either way; older clients read this one.
    pub max_message_size: u32,
    /// Bytes of the longest message from the server.
    pub max_send_message_size: u32,
    /// Bytes of the longest message to the server.
    pub max_receive_message_size: u32,
    /// Bytes that may wait for the peer.
    pub send_buffer_size: u32,
    /// The same, of one stream.
    pub per_stream_send_queue_limit: u32,
    /// Bytes of unfinished messages the peer may have under way.
    pub max_receiver_window_buffer_size: u32,
    /// Its streams are data channels: an id is one both ways, and what one side closes is closed on both (RFC 8831 §6.7).
    /// Not so on plain and pipe transports.
    pub is_data_channel: bool,
}

impl From<SctpOptions> for SctpParameters {
    fn from(options: SctpOptions) -> Self {
        Self {
            port: PORT,
            num_sctp_streams: options.num_sctp_streams,
            max_message_size: options.max_message_size,
            max_send_message_size: options.max_message_size,
            max_receive_message_size: options.max_message_size,
            send_buffer_size: options.send_buffer_size,
            per_stream_send_queue_limit: options.send_buffer_size,
            max_receiver_window_buffer_size: SctpOptions::RECEIVE_WINDOW,
            is_data_channel: true,
        }
    }
}

/// How far an association has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SctpState {
    /// Nobody has asked for it.
    New,
    /// The server has asked for it: over plain and pipe transports, where either side may.
    Connecting,
    /// Messages flow.
    Connected,
    /// It broke: the peer aborted it, or broke the protocol. The peer may begin anew.
    Failed,
    /// The peer ended it, or the transport was closed.
    Closed,
}

/// What is done so that a message arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// All, and in order.
    Ordered,
    /// All, in any order.
    Unordered,
    /// In any order; given up after that many milliseconds (RFC 3758).
    MaxPacketLifeTime(u16),
    /// In any order; given up after that many retransmissions, 0: sent once.
    MaxRetransmits(u16),
}

impl Delivery {
    /// From mediasoup's three fields. Unreliable delivery is unordered; to state both, or that it is ordered, is an
    /// error. A limit of 0 counts only where order is not asked for, as in mediasoup.
    ///
    /// # Errors
    /// mediasoup's text of what does not go together.
    pub fn from_fields(
        ordered: Option<bool>,
        max_packet_life_time: Option<u16>,
        max_retransmits: Option<u16>,
    ) -> Result<Self, &'static str> {
        let counts = |limit: &u16| *limit > 0 || ordered == Some(false);
        match (max_packet_life_time.filter(counts), max_retransmits.filter(counts)) {
            (Some(_), Some(_)) => Err("cannot provide both maxPacketLifeTime and maxRetransmits"),
            (None, None) if ordered == Some(false) => Ok(Self::Unordered),
            (None, None) => Ok(Self::Ordered),
            _ if ordered == Some(true) => Err("cannot be ordered with maxPacketLifeTime or maxRetransmits"),
            (Some(ms), None) => Ok(Self::MaxPacketLifeTime(ms)),
            (None, Some(count)) => Ok(Self::MaxRetransmits(count)),
        }
    }
}

/// A stream and how its messages are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct SctpStreamParameters {
    /// Id of the negotiated channel.
    pub stream_id: u16,
    /// How its messages are delivered.
    pub delivery: Delivery,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    stream_id: u16,
    #[serde(default)]
    ordered: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_packet_life_time: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_retransmits: Option<u16>,
}

impl TryFrom<Fields> for SctpStreamParameters {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { stream_id, ordered, max_packet_life_time, max_retransmits } = fields;
        let delivery = Delivery::from_fields(ordered, max_packet_life_time, max_retransmits)?;
        Ok(Self { stream_id, delivery })
    }
}

impl From<SctpStreamParameters> for Fields {
    fn from(parameters: SctpStreamParameters) -> Self {
        let SctpStreamParameters { stream_id, delivery } = parameters;
        let fields = Self { stream_id, ordered: Some(delivery == Delivery::Ordered), ..Self::default() };
        match delivery {
            Delivery::Ordered | Delivery::Unordered => fields,
            Delivery::MaxPacketLifeTime(ms) => Self { max_packet_life_time: Some(ms), ..fields },
            Delivery::MaxRetransmits(count) => Self { max_retransmits: Some(count), ..fields },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn delivery(fields: serde_json::Value) -> Result<Delivery, String> {
        serde_json::from_value::<SctpStreamParameters>(fields)
            .map(|parameters| parameters.delivery)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn fields_that_make_no_sense_together_are_refused() {
        assert_eq!(delivery(json!({ "streamId": 0 })), Ok(Delivery::Ordered));
        assert_eq!(delivery(json!({ "streamId": 0, "ordered": null })), Ok(Delivery::Ordered));
        assert_eq!(delivery(json!({ "streamId": 0, "ordered": false })), Ok(Delivery::Unordered));
        assert_eq!(delivery(json!({ "streamId": 0, "maxRetransmits": 3 })), Ok(Delivery::MaxRetransmits(3)));
        let never_again = json!({ "streamId": 0, "ordered": false, "maxRetransmits": 0 });
        assert_eq!(delivery(never_again), Ok(Delivery::MaxRetransmits(0)));
        let both = json!({ "streamId": 0, "maxRetransmits": 3, "maxPacketLifeTime": 5 });
        assert!(delivery(both).unwrap_err().contains("cannot provide both"));
        let ordered = json!({ "streamId": 0, "ordered": true, "maxPacketLifeTime": 5 });
        assert!(delivery(ordered).unwrap_err().contains("cannot be ordered"));
        for malformed in [json!({}), json!({ "streamId": -1 }), json!({ "streamId": 65_536 }), json!([])] {
            assert!(delivery(malformed).is_err());
        }
    }

    #[test]
    fn the_json_is_mediasoups() {
        let parameters = SctpStreamParameters { stream_id: 7, delivery: Delivery::MaxPacketLifeTime(300) };
        let json = json!({ "streamId": 7, "ordered": false, "maxPacketLifeTime": 300 });
        assert_eq!(serde_json::to_value(parameters).unwrap(), json);
        let parameters = serde_json::to_value(SctpParameters::from(SctpOptions::default())).unwrap();
        assert_eq!((&parameters["OS"], &parameters["MIS"]), (&json!(1024), &json!(1024)));
        assert_eq!((&parameters["port"], &parameters["maxMessageSize"]), (&json!(5000), &json!(262_144)));
        assert_eq!(parameters["isDataChannel"], true);
    }
}

//! The wire format: Engine.IO 4 frames that hold Socket.IO 5 packets.

use serde_json::Value;

/// An Engine.IO packet, as far as a WebSocket-only client meets them.
#[derive(Debug, PartialEq)]
pub(super) enum Frame<'a> {
    /// `0`: the handshake; its JSON says how often the server pings.
    Open(&'a str),
    /// `1`: the server closes.
    Close,
    /// `2`: the server asks whether the client is alive.
    Ping,
    /// `4`: a Socket.IO packet.
    Message(&'a str),
    /// Anything else means nothing to a client.
    Other,
}

/// What answers [`Frame::Ping`].
pub(super) const PONG: &str = "3";

impl<'a> Frame<'a> {
    /// Reads one WebSocket text message.
    pub(super) fn parse(text: &'a str) -> Self {
        let Some((kind, rest)) = text.split_at_checked(1) else { return Self::Other };
        match kind {
            "0" => Self::Open(rest),
            "1" => Self::Close,
            "2" => Self::Ping,
            "4" => Self::Message(rest),
            _ => Self::Other,
        }
    }
}

/// A Socket.IO packet the server sends.
#[derive(Debug, PartialEq)]
pub(super) enum Packet {
    /// `0`: the namespace was entered.
    Connect,
    /// `1`: the server closed the namespace.
    Disconnect,
    /// `2`: an event with its first argument (`null` without one).
    Event {
        /// Name.
        name: String,
        /// First argument.
        data: Value,
    },
    /// `3`: the acknowledgement of the request with this id.
    Ack {
        /// Id the request was sent with.
        id: u64,
        /// First argument.
        data: Value,
    },
    /// `4`: the namespace was refused.
    ConnectError(Value),
}

impl Packet {
    /// Reads a packet of any namespace; `None` if it is malformed or of a binary kind.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        let rest = match rest.strip_prefix('/') {
            Some(named) => named.split_once(',').map_or("", |(_, rest)| rest),
            None => rest,
        };
        let json_start = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (id, json) = rest.split_at(json_start);
        match kind {
            "0" => Some(Self::Connect),
            "1" => Some(Self::Disconnect),
            "2" => {
                let mut arguments = arguments(json)?;
                let name = arguments.next()?.as_str()?.to_owned();
                Some(Self::Event { name, data: arguments.next().unwrap_or(Value::Null) })
            }
            "3" => {
                let data = arguments(json)?.next().unwrap_or(Value::Null);
                Some(Self::Ack { id: id.parse().ok()?, data })
            }
            "4" => Some(Self::ConnectError(serde_json::from_str(json).unwrap_or(Value::Null))),
            _ => None,
        }
    }
}

fn arguments(json: &str) -> Option<impl Iterator<Item = Value>> {
    serde_json::from_str::<Vec<Value>>(json).ok().map(Vec::into_iter)
}

/// `/` is left out on the wire, any other namespace goes before a comma.
fn prefix(namespace: &str) -> String {
    if namespace == "/" { String::new() } else { format!("{namespace},") }
}

/// A frame that asks to enter `namespace`.
pub(super) fn connect(namespace: &str, auth: &Value) -> String {
    format!("40{}{auth}", prefix(namespace))
}

/// A frame that leaves `namespace`.
pub(super) fn disconnect(namespace: &str) -> String {
    format!("41{}", prefix(namespace))
}

/// A frame with an event; with an `id`, the server acknowledges it.
pub(super) fn event(namespace: &str, id: Option<u64>, name: &str, data: &Value) -> String {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    format!("42{}{id}{}", prefix(namespace), Value::from(vec![Value::from(name), data.clone()]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn frames_are_told_apart() {
        assert_eq!(Frame::parse("0{}"), Frame::Open("{}"));
        assert_eq!(Frame::parse("2"), Frame::Ping);
        assert_eq!(Frame::parse("40"), Frame::Message("0"));
        assert_eq!(Frame::parse(""), Frame::Other);
        assert_eq!(Frame::parse("ä"), Frame::Other);
    }

    #[test]
    fn packets_of_both_namespaces_are_read() {
        for prefix in ["", "/ws,"] {
            let parse = |kind: &str, rest: &str| Packet::parse(&format!("{kind}{prefix}{rest}"));
            assert_eq!(parse("0", r#"{"sid":"x"}"#), Some(Packet::Connect));
            assert_eq!(
                parse("2", r#"["a",{"b":1}]"#),
                Some(Packet::Event { name: "a".into(), data: json!({"b": 1}) })
            );
            assert_eq!(parse("2", r#"["a"]"#), Some(Packet::Event { name: "a".into(), data: Value::Null }));
            assert_eq!(parse("3", "12[true]"), Some(Packet::Ack { id: 12, data: json!(true) }));
            assert_eq!(
                parse("4", r#"{"message":"no"}"#),
                Some(Packet::ConnectError(json!({"message": "no"})))
            );
        }
        assert_eq!(Packet::parse("1/ws"), Some(Packet::Disconnect));
    }

    #[test]
    fn malformed_packets_are_not_read() {
        for bad in ["", "2", "2{}", "2[1]", "3[]", "3x[]", "51-[]", "ä"] {
            assert_eq!(Packet::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn requests_carry_namespace_and_id() {
        assert_eq!(connect("/", &json!({})), "40{}");
        assert_eq!(connect("/ws", &json!({"token": "t"})), r#"40/ws,{"token":"t"}"#);
        assert_eq!(event("/", None, "a", &json!(1)), r#"42["a",1]"#);
        assert_eq!(event("/ws", Some(3), "a", &json!(1)), r#"42/ws,3["a",1]"#);
        assert_eq!(disconnect("/ws"), "41/ws,");
    }
}

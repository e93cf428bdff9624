//! A Socket.IO client, spoken by hand: what a client library would not let a test send can be sent here.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use crate::server::Server;

/// One Engine.IO connection (protocol 4) over a WebSocket, in one namespace.
pub(crate) struct Client {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    namespace: &'static str,
    next_ack: u32,
}

impl Client {
    /// Connects; the server's answer to CONNECT is `Ok` with its payload, or `Err` with that of CONNECT_ERROR.
    pub(crate) async fn connect(
        server: &Server,
        namespace: &'static str,
        auth: &Value,
        query: &str,
    ) -> Result<Self, Value> {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket{query}", server.address);
        let (stream, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let mut client = Self { stream, namespace, next_ack: 1000 };
        assert!(client.packet().await.starts_with("0{"));
        let prefix = client.prefix();
        client.send(format!("40{prefix}{auth}")).await;
        let answer = client.packet().await;
        if let Some(error) = answer.strip_prefix(&format!("44{prefix}")) {
            return Err(serde_json::from_str(error).unwrap());
        }
        assert!(answer.starts_with(&format!("40{prefix}")), "{answer}");
        Ok(client)
    }

    fn prefix(&self) -> String {
        if self.namespace == "/" { String::new() } else { format!("{},", self.namespace) }
    }

    pub(crate) async fn send(&mut self, packet: String) {
        self.stream.send(Message::text(packet)).await.unwrap();
    }

    pub(crate) async fn send_binary(&mut self, data: Vec<u8>) {
        self.stream.send(Message::binary(data)).await.unwrap();
    }

    /// The next packet but pings.
    pub(crate) async fn packet(&mut self) -> String {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(10), self.stream.next());
            let text = message.await.expect("a packet in time").unwrap().unwrap().into_text().unwrap();
            if text != "2" {
                return text.to_string();
            }
        }
    }

    pub(crate) async fn emit(&mut self, event: &str, payload: &Value) {
        let prefix = self.prefix();
        self.send(format!("42{prefix}{}", json!([event, payload]))).await;
    }

    pub(crate) async fn emit_with_ack(&mut self, id: u32, event: &str, payload: &Value) {
        let prefix = self.prefix();
        self.send(format!("42{prefix}{id}{}", json!([event, payload]))).await;
    }

    /// The next event: its name and its one object.
    pub(crate) async fn event(&mut self) -> (String, Value) {
        let packet = self.packet().await;
        let text = packet.strip_prefix(&format!("42{}", self.prefix())).expect(&packet);
        let (name, object): (String, Value) = serde_json::from_str(text).unwrap();
        (name, object)
    }

    /// The next acknowledgement: its one object.
    pub(crate) async fn ack(&mut self, id: u32) -> Value {
        let packet = self.packet().await;
        let text = packet.strip_prefix(&format!("43{}{id}", self.prefix())).expect(&packet);
        let [object]: [Value; 1] = serde_json::from_str(text).unwrap();
        object
    }

    /// Asks, and takes the two parts of the reply, which must be the very next packets and alike.
    pub(crate) async fn request(&mut self, event: &str, payload: &Value, reply: &str) -> Value {
        let ack = self.acknowledged(event, payload).await;
        assert_eq!(ack["success"], true, "{event}: {ack}");
        assert_eq!(self.event().await, (format!("mediasoup:{reply}"), ack.clone()));
        ack
    }

    /// Asks, and takes the acknowledgement, which must be the very next packet.
    pub(crate) async fn acknowledged(&mut self, event: &str, payload: &Value) -> Value {
        self.next_ack += 1;
        self.emit_with_ack(self.next_ack, &format!("mediasoup:{event}"), payload).await;
        self.ack(self.next_ack).await
    }

    /// The next packet, which must be this event.
    pub(crate) async fn hears(&mut self, event: &str) -> Value {
        let (name, object) = self.event().await;
        assert_eq!(name, format!("mediasoup:{event}"), "{object}");
        object
    }
}

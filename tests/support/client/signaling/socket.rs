//! The connection: one task owns the WebSocket, handles talk to it over a bounded channel.

use std::{collections::BTreeMap, time::Duration};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{broadcast, mpsc, oneshot},
    time::timeout,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config, tungstenite::Message};

use super::{
    Events,
    events::Event,
    packet::{self, Frame, Packet},
};
use crate::client::ClientError;

/// Commands waiting for the task.
const COMMANDS_MAX: usize = 64;
/// Events a reader may leave unread.
const EVENTS_MAX: usize = 1024;
/// How long a handshake or an acknowledgement may take.
const PATIENCE: Duration = Duration::from_secs(10);

type WebSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where and as whom to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// `http://host:port` (or `ws://`), without a path.
    pub url: String,
    /// `/` or `/ws`.
    pub namespace: String,
    /// A JWT, where the server asks for one.
    pub token: Option<String>,
}

impl ConnectOptions {
    /// The root namespace, without a token.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), namespace: "/".into(), token: None }
    }

    /// With this namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// With this JWT.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    fn websocket_url(&self) -> String {
        let base = self.url.trim_end_matches('/');
        let base = base.strip_prefix("http").map_or_else(|| base.to_owned(), |rest| format!("ws{rest}"));
        format!("{base}/socket.io/?EIO=4&transport=websocket")
    }

    fn auth(&self) -> Value {
        self.token.as_ref().map_or_else(|| json!({}), |token| json!({ "token": token }))
    }
}

enum Command {
    Emit { name: String, data: Value, ack: Option<oneshot::Sender<Value>> },
    Disconnect,
}

/// A connected Socket.IO client; cheap to clone. The connection ends with [`Self::close`], or when the
/// last handle is dropped.
#[derive(Clone, Debug)]
pub struct Socket {
    commands: mpsc::Sender<Command>,
    events: broadcast::WeakSender<Event>,
}

impl Socket {
    /// Connects and enters the namespace.
    ///
    /// # Errors
    /// No connection, or the server refuses the token.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ClientError> {
        // Without Nagle's algorithm, as browsers: else a request waits for the acknowledgement of the one before.
        let (websocket, _) = connect_async_with_config(options.websocket_url(), None, true).await?;
        let entering = enter(websocket, options);
        let websocket =
            timeout(PATIENCE, entering).await.map_err(|_| ClientError::Timeout("handshake".into()))??;

        let (commands, command_receiver) = mpsc::channel(COMMANDS_MAX);
        let (events, _) = broadcast::channel(EVENTS_MAX);
        let weak_events = events.downgrade();
        let connection = Connection {
            websocket,
            namespace: options.namespace.clone(),
            events,
            acks: BTreeMap::new(),
            next_ack: 0,
        };
        tokio::spawn(connection.run(command_receiver));
        Ok(Self { commands, events: weak_events })
    }

    /// A reader of every event from now on.
    ///
    /// # Errors
    /// The connection has ended.
    pub fn events(&self) -> Result<Events, ClientError> {
        let sender = self.events.upgrade().ok_or(ClientError::Closed)?;
        Ok(Events::new(sender.subscribe()))
    }

    /// Sends an event and waits for nothing.
    ///
    /// # Errors
    /// The connection has ended.
    pub async fn emit(&self, name: &str, data: Value) -> Result<(), ClientError> {
        self.send(Command::Emit { name: name.to_owned(), data, ack: None }).await
    }

    /// Sends a request and waits for its acknowledgement.
    ///
    /// # Errors
    /// The server refuses, does not answer, or the connection has ended.
    pub async fn request(&self, name: &str, data: Value) -> Result<Value, ClientError> {
        let (ack, acknowledged) = oneshot::channel();
        self.send(Command::Emit { name: name.to_owned(), data, ack: Some(ack) }).await?;
        let reply = timeout(PATIENCE, acknowledged)
            .await
            .map_err(|_| ClientError::Timeout(format!("reply to {name}")))?
            .map_err(|_| ClientError::Closed)?;
        if reply["success"] == json!(true) { Ok(reply) } else { Err(refused(name, &reply)) }
    }

    /// Leaves the namespace and closes the connection.
    pub async fn close(&self) {
        let _already_closed = self.send(Command::Disconnect).await;
        self.commands.closed().await;
    }

    async fn send(&self, command: Command) -> Result<(), ClientError> {
        self.commands.send(command).await.map_err(|_| ClientError::Closed)
    }
}

fn refused(event: &str, reply: &Value) -> ClientError {
    let text = |key: &str| reply[key].as_str().unwrap_or_default().to_owned();
    ClientError::Refused { event: event.to_owned(), code: text("code"), error: text("error") }
}

/// Waits for the Engine.IO handshake, then asks for the namespace.
async fn enter(mut websocket: WebSocket, options: &ConnectOptions) -> Result<WebSocket, ClientError> {
    while let Some(message) = websocket.next().await {
        let Message::Text(text) = message? else { continue };
        match Frame::parse(&text) {
            Frame::Open(_) => {
                let connect = packet::connect(&options.namespace, &options.auth());
                websocket.send(Message::text(connect)).await?;
            }
            Frame::Ping => websocket.send(Message::text(packet::PONG)).await?,
            Frame::Message(text) => match Packet::parse(text) {
                Some(Packet::Connect) => return Ok(websocket),
                Some(Packet::ConnectError(reason)) => {
                    return Err(ClientError::ConnectRefused(reason.to_string()));
                }
                _ => return Err(ClientError::Malformed("reply to CONNECT")),
            },
            Frame::Close => break,
            Frame::Other => {}
        }
    }
    Err(ClientError::Closed)
}

/// What the task owns. Its end drops the event sender and the pending acknowledgements: readers see it.
struct Connection {
    websocket: WebSocket,
    namespace: String,
    events: broadcast::Sender<Event>,
    acks: BTreeMap<u64, oneshot::Sender<Value>>,
    next_ack: u64,
}

impl Connection {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            let sent = tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Emit { name, data, ack }) => self.emit(&name, &data, ack).await,
                    Some(Command::Disconnect) | None => break,
                },
                message = self.websocket.next() => match message {
                    Some(Ok(Message::Text(text))) => match self.receive(&text) {
                        Received::Nothing => Ok(()),
                        Received::Ping => self.send(packet::PONG.to_owned()).await,
                        Received::Close => break,
                    },
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => Ok(()),
                },
            };
            if sent.is_err() {
                return;
            }
        }
        // The peer may be gone already: then there is no one left to tell.
        let _gone = self.send(packet::disconnect(&self.namespace)).await;
        let _gone = self.websocket.close(None).await;
    }

    async fn emit(
        &mut self,
        name: &str,
        data: &Value,
        ack: Option<oneshot::Sender<Value>>,
    ) -> Result<(), ClientError> {
        let id = ack.map(|ack| {
            let id = self.next_ack;
            self.next_ack += 1;
            // Requests that were given up on must not pile up.
            self.acks.retain(|_, waiting| !waiting.is_closed());
            self.acks.insert(id, ack);
            id
        });
        self.send(packet::event(&self.namespace, id, name, data)).await
    }

    async fn send(&mut self, frame: String) -> Result<(), ClientError> {
        Ok(self.websocket.send(Message::text(frame)).await?)
    }

    fn receive(&mut self, text: &str) -> Received {
        match Frame::parse(text) {
            Frame::Ping => return Received::Ping,
            Frame::Close => return Received::Close,
            Frame::Open(_) | Frame::Other => return Received::Nothing,
            Frame::Message(text) => match Packet::parse(text) {
                Some(Packet::Event { name, data }) => {
                    // Without a reader an event has no addressee.
                    let _no_reader = self.events.send(Event { name, data });
                }
                Some(Packet::Ack { id, data }) => {
                    if let Some(ack) = self.acks.remove(&id) {
                        let _given_up = ack.send(data);
                    }
                }
                Some(Packet::Disconnect) => return Received::Close,
                Some(Packet::Connect | Packet::ConnectError(_)) | None => {}
            },
        }
        Received::Nothing
    }
}

/// What a message asks of the connection itself.
enum Received {
    Nothing,
    Ping,
    Close,
}

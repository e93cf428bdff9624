//! All of it together: one participant of one room.

use std::sync::Arc;

use mediasoup_core::{
    ids::{DataProducerId, ProducerId, TransportId},
    media::{
        data::{Delivery, SctpStreamParameters},
        rtp::{MediaKind, RtpParameters},
        transport::{DtlsParameters, TransportParameters},
    },
};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{
    ClientError, ConnectOptions, ConsumerParameters, DataConsumerParameters, Device, Events, LocalChannel,
    LocalTrack, RecvTransport, RemoteChannel, RemoteTrack, SendTransport, Socket, TransportSignaling,
};

/// Which room to join, and how.
#[derive(Clone, Debug)]
pub struct JoinOptions {
    /// The server.
    pub connect: ConnectOptions,
    /// The room.
    pub room_id: String,
    /// What others see of the participant.
    pub data: Value,
}

impl JoinOptions {
    /// Join this room of this server, with no data.
    #[must_use]
    pub fn new(connect: ConnectOptions, room_id: impl Into<String>) -> Self {
        Self { connect, room_id: room_id.into(), data: json!({}) }
    }
}

/// A participant: its socket, its device, and a transport each way, opened when first needed.
pub struct Participant {
    signaling: Arc<RoomSignaling>,
    /// Everything the server has told since before the join.
    pub events: Events,
    room: Value,
    id: String,
    device: Device,
    send: OnceCell<SendTransport>,
    recv: OnceCell<RecvTransport>,
}

impl Participant {
    /// Connects, and joins a room that exists.
    ///
    /// # Errors
    /// No connection, or the server refuses.
    pub async fn join(options: JoinOptions) -> Result<Self, ClientError> {
        let socket = Socket::connect(&options.connect).await?;
        Self::join_with(socket, options.room_id, options.data).await
    }

    /// Joins a room over a socket that is connected.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn join_with(socket: Socket, room_id: String, data: Value) -> Result<Self, ClientError> {
        let events = socket.events()?;
        let signaling = Arc::new(RoomSignaling { socket, room_id });
        let reply = signaling.request("join-room", json!({ "participantData": data })).await?;
        let device = Device::load(&serde_json::from_value(reply["room"]["rtpCapabilities"].clone())?);
        let id = reply["participant"]["id"].as_str().ok_or(ClientError::Malformed("room-joined"))?.to_owned();
        let room = reply["room"].clone();
        Ok(Self { signaling, events, room, id, device, send: OnceCell::new(), recv: OnceCell::new() })
    }

    /// The participant's id, as the server knows it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The room as it was at the join.
    #[must_use]
    pub fn room(&self) -> &Value {
        &self.room
    }

    /// What this participant can receive.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The socket.
    #[must_use]
    pub fn socket(&self) -> &Socket {
        &self.signaling.socket
    }

    /// Sends a request about this room (`event` without its prefix) and waits for the acknowledgement.
    ///
    /// # Errors
    /// The server refuses or does not answer.
    pub async fn request(&self, event: &str, data: Value) -> Result<Value, ClientError> {
        self.signaling.request(event, data).await
    }

    /// The transport this participant sends on.
    ///
    /// # Errors
    /// The server refuses to create it.
    pub async fn send_transport(&self) -> Result<&SendTransport, ClientError> {
        self.send
            .get_or_try_init(async || {
                let remote = self.signaling.create_transport("send").await?;
                SendTransport::new(&self.device, remote, Arc::clone(&self.signaling) as _).await
            })
            .await
    }

    /// The transport this participant receives on.
    ///
    /// # Errors
    /// The server refuses to create it.
    pub async fn recv_transport(&self) -> Result<&RecvTransport, ClientError> {
        self.recv
            .get_or_try_init(async || {
                let remote = self.signaling.create_transport("recv").await?;
                RecvTransport::new(&self.device, remote, Arc::clone(&self.signaling) as _).await
            })
            .await
    }

    /// Publishes a track and waits until media can flow.
    ///
    /// # Errors
    /// The server refuses, or the transport does not connect.
    pub async fn publish(&self, kind: MediaKind, mime_type: &str) -> Result<LocalTrack, ClientError> {
        let transport = self.send_transport().await?;
        let track = transport.publish(kind, mime_type).await?;
        transport.connected().await?;
        Ok(track)
    }

    /// Consumes a producer, paused until the receiver is there, and waits until media can flow.
    ///
    /// # Errors
    /// The server refuses, or the transport does not connect.
    pub async fn consume(&self, producer: ProducerId) -> Result<RemoteTrack, ClientError> {
        let transport = self.recv_transport().await?;
        let consumer = self.create_consumer(producer, true).await?;
        let track = transport.consume(&consumer).await?;
        transport.connected().await?;
        self.request("resume-consumer", json!({ "consumerId": consumer.id })).await?;
        Ok(track)
    }

    /// Asks the server for a consumer, without making a receiver for it.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn create_consumer(
        &self,
        producer: ProducerId,
        paused: bool,
    ) -> Result<ConsumerParameters, ClientError> {
        let transport = self.recv_transport().await?.id();
        let request = json!({
            "transportId": transport,
            "producerId": producer,
            "rtpCapabilities": self.device.rtp_capabilities(),
            "paused": paused,
        });
        let reply = self.request("create-consumer", request).await?;
        Ok(serde_json::from_value(reply["consumer"].clone())?)
    }

    /// Opens a data channel that sends.
    ///
    /// # Errors
    /// The server refuses, or the transport does not connect.
    pub async fn publish_data(&self, label: &str, delivery: Delivery) -> Result<LocalChannel, ClientError> {
        self.send_transport().await?.publish_data(label, delivery).await
    }

    /// Opens a data channel that receives, paused until it is open.
    ///
    /// # Errors
    /// The server refuses, or the transport does not connect.
    pub async fn consume_data(&self, producer: DataProducerId) -> Result<RemoteChannel, ClientError> {
        let transport = self.recv_transport().await?;
        let request = json!({ "transportId": transport.id(), "dataProducerId": producer, "paused": true });
        let reply = self.request("create-data-consumer", request).await?;
        let consumer: DataConsumerParameters = serde_json::from_value(reply["dataConsumer"].clone())?;
        let channel = transport.consume_data(&consumer).await?;
        self.request("resume-data-consumer", json!({ "dataConsumerId": consumer.id })).await?;
        Ok(channel)
    }

    /// Leaves the room and closes everything.
    ///
    /// # Errors
    /// The server refuses; everything is closed all the same.
    pub async fn leave(self) -> Result<(), ClientError> {
        let left = self.request("leave-room", json!({})).await;
        self.close().await;
        left.map(|_| ())
    }

    /// Goes without a word, as a closed laptop does.
    pub async fn close(self) {
        if let Some(transport) = self.send.get() {
            transport.close().await;
        }
        if let Some(transport) = self.recv.get() {
            transport.close().await;
        }
        self.signaling.socket.close().await;
    }
}

/// Requests about one room, over its socket.
struct RoomSignaling {
    socket: Socket,
    room_id: String,
}

impl RoomSignaling {
    async fn request(&self, event: &str, mut data: Value) -> Result<Value, ClientError> {
        data["roomId"] = json!(self.room_id);
        self.socket.request(&format!("mediasoup:{event}"), data).await
    }

    async fn create_transport(&self, direction: &str) -> Result<TransportParameters, ClientError> {
        let reply = self.request("create-transport", json!({ "direction": direction })).await?;
        Ok(serde_json::from_value(reply["transport"].clone())?)
    }
}

#[async_trait::async_trait]
impl TransportSignaling for RoomSignaling {
    async fn connect(&self, transport: TransportId, dtls: DtlsParameters) -> Result<(), ClientError> {
        let request = json!({ "transportId": transport, "dtlsParameters": dtls });
        self.request("connect-transport", request).await.map(|_| ())
    }

    async fn produce(
        &self,
        transport: TransportId,
        kind: MediaKind,
        parameters: RtpParameters,
    ) -> Result<ProducerId, ClientError> {
        let request = json!({ "transportId": transport, "kind": kind, "rtpParameters": parameters });
        let reply = self.request("create-producer", request).await?;
        Ok(serde_json::from_value(reply["producer"]["id"].clone())?)
    }

    async fn produce_data(
        &self,
        transport: TransportId,
        stream: SctpStreamParameters,
        label: &str,
    ) -> Result<DataProducerId, ClientError> {
        let request = json!({ "transportId": transport, "sctpStreamParameters": stream, "label": label });
        let reply = self.request("create-data-producer", request).await?;
        Ok(serde_json::from_value(reply["dataProducer"]["id"].clone())?)
    }
}

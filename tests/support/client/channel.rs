//! Data channels: one that sends, one that receives. Both sides know them beforehand, nothing is announced in band.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use mediasoup_core::{
    ids::{DataConsumerId, DataProducerId},
    media::data::{Delivery, SctpStreamParameters},
};
use serde::Deserialize;
use tokio::time::timeout;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit, RTCDataChannelState};

use super::ClientError;

/// How long anything of a channel may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `create-data-consumer` returns.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataConsumerParameters {
    /// The data consumer.
    pub id: DataConsumerId,
    /// What it consumes.
    pub data_producer_id: DataProducerId,
    /// The stream its messages come on.
    pub sctp_stream_parameters: SctpStreamParameters,
    /// The producer's.
    pub label: String,
    /// The producer's.
    pub protocol: String,
}

/// A message of a data channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// UTF-8.
    Text(String),
    /// Anything.
    Bytes(Bytes),
}

/// A channel that sends to a data producer.
pub struct LocalChannel {
    data_producer_id: DataProducerId,
    channel: Channel,
}

impl LocalChannel {
    pub(super) fn new(data_producer_id: DataProducerId, channel: Channel) -> Self {
        Self { data_producer_id, channel }
    }

    /// The server's id of it.
    #[must_use]
    pub fn data_producer_id(&self) -> DataProducerId {
        self.data_producer_id
    }

    /// Sends one message.
    ///
    /// # Errors
    /// The channel is closed, or does not take a message of this length.
    pub async fn send(&self, message: &Message) -> Result<(), ClientError> {
        let channel = &self.channel.0;
        match message {
            Message::Text(text) => channel.send_text(text).await?,
            Message::Bytes(bytes) => channel.send(BytesMut::from(bytes.as_ref())).await?,
        }
        Ok(())
    }
}

/// A channel that receives from a data consumer.
pub struct RemoteChannel {
    data_consumer_id: DataConsumerId,
    channel: Channel,
}

impl RemoteChannel {
    pub(super) fn new(data_consumer_id: DataConsumerId, channel: Channel) -> Self {
        Self { data_consumer_id, channel }
    }

    /// The server's id of it.
    #[must_use]
    pub fn data_consumer_id(&self) -> DataConsumerId {
        self.data_consumer_id
    }

    /// Waits for the next message.
    ///
    /// # Errors
    /// Ten seconds pass, the channel closes, or a text is none.
    pub async fn next(&self) -> Result<Message, ClientError> {
        loop {
            match self.channel.event("message").await? {
                Some(DataChannelEvent::OnMessage(message)) if message.is_string => {
                    let text = String::from_utf8(message.data.to_vec());
                    return text.map(Message::Text).map_err(|_| ClientError::Malformed("text"));
                }
                Some(DataChannelEvent::OnMessage(message)) => {
                    return Ok(Message::Bytes(message.data.freeze()));
                }
                Some(DataChannelEvent::OnClose) | None => return Err(ClientError::Closed),
                Some(_) => {}
            }
        }
    }

    /// Waits until the server has closed it; messages that come before are let go.
    ///
    /// # Errors
    /// Ten seconds pass.
    pub async fn closed(&self) -> Result<(), ClientError> {
        self.channel.until_closed().await
    }
}

/// What the peer connection makes of a stream.
pub(super) fn init(stream: SctpStreamParameters, protocol: &str) -> RTCDataChannelInit {
    let (max_packet_life_time, max_retransmits) = match stream.delivery {
        Delivery::Ordered | Delivery::Unordered => (None, None),
        Delivery::MaxPacketLifeTime(ms) => (Some(ms), None),
        Delivery::MaxRetransmits(count) => (None, Some(count)),
    };
    RTCDataChannelInit {
        ordered: stream.delivery == Delivery::Ordered,
        max_packet_life_time,
        max_retransmits,
        protocol: protocol.to_owned(),
        negotiated: Some(stream.stream_id),
    }
}

/// A channel of the peer connection.
pub(super) struct Channel(pub(super) Arc<dyn DataChannel>);

impl Channel {
    /// Waits until messages can flow. (A channel made on an association that is there is open without an event.)
    pub(super) async fn opened(&self) -> Result<(), ClientError> {
        while self.0.ready_state().await? != RTCDataChannelState::Open {
            match self.event("open channel").await? {
                Some(DataChannelEvent::OnClose) | None => return Err(ClientError::Closed),
                Some(_) => {}
            }
        }
        Ok(())
    }

    async fn until_closed(&self) -> Result<(), ClientError> {
        while !matches!(self.event("closed channel").await?, Some(DataChannelEvent::OnClose) | None) {}
        Ok(())
    }

    async fn event(&self, what: &str) -> Result<Option<DataChannelEvent>, ClientError> {
        timeout(PATIENCE, self.0.poll()).await.map_err(|_| ClientError::Timeout(what.into()))
    }
}

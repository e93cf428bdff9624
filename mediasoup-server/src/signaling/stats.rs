//! Counters of one's own transports, producers, consumers and data channels.

use mediasoup_core::ids::RoomId;
use serde::Deserialize;
use serde_json::json;

use super::{
    consumers::consumer_id,
    data::{data_consumer_id, data_producer_id},
    producers::producer_id,
    reply::{Outcome, Reply},
    session::Session,
    transports::transport_id,
};
use crate::error::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadStats {
    room_id: RoomId,
    transport_id: Option<String>,
    producer_id: Option<String>,
    consumer_id: Option<String>,
    data_producer_id: Option<String>,
    data_consumer_id: Option<String>,
}

/// The one thing whose counters are asked for.
enum Subject {
    Transport(String),
    Producer(String),
    Consumer(String),
    DataProducer(String),
    DataConsumer(String),
}

impl ReadStats {
    fn subject(self) -> Result<Subject, ApiError> {
        let mut named = [
            self.transport_id.map(Subject::Transport),
            self.producer_id.map(Subject::Producer),
            self.consumer_id.map(Subject::Consumer),
            self.data_producer_id.map(Subject::DataProducer),
            self.data_consumer_id.map(Subject::DataConsumer),
        ]
        .into_iter()
        .flatten();
        match (named.next(), named.next()) {
            (Some(subject), None) => Ok(subject),
            _ => Err(ApiError::malformed(
                "one of transportId, producerId, consumerId, dataProducerId and dataConsumerId is required",
            )),
        }
    }
}

/// `stats` is an array, as mediasoup's `getStats()` gives it.
pub(super) async fn read(session: &mut Session, request: ReadStats) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let room_id = request.room_id.clone();
    let body = match request.subject()? {
        Subject::Transport(id) => {
            let stats = participant.transport_stats(transport_id(&id)?).await?;
            json!({ "roomId": room_id, "transportId": id, "stats": [stats] })
        }
        Subject::Producer(id) => {
            let stats = participant.producer_stats(producer_id(&id)?).await?;
            json!({ "roomId": room_id, "producerId": id, "stats": stats })
        }
        Subject::Consumer(id) => {
            let stats = participant.consumer_stats(consumer_id(&id)?).await?;
            json!({ "roomId": room_id, "consumerId": id, "stats": stats })
        }
        Subject::DataProducer(id) => {
            let stats = participant.data_producer_stats(data_producer_id(&id)?).await?;
            json!({ "roomId": room_id, "dataProducerId": id, "stats": [stats] })
        }
        Subject::DataConsumer(id) => {
            let stats = participant.data_consumer_stats(data_consumer_id(&id)?).await?;
            json!({ "roomId": room_id, "dataConsumerId": id, "stats": [stats] })
        }
    };
    Ok(Reply::new("mediasoup:stats", body))
}

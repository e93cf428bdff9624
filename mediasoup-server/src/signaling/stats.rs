//! Counters of one's own transports, producers and consumers.

use mediasoup_core::ids::RoomId;
use serde::Deserialize;
use serde_json::json;

use super::{
    consumers::consumer_id,
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
}

/// `stats` is an array, as mediasoup's `getStats()` gives it.
pub(super) async fn read(session: &mut Session, request: ReadStats) -> Outcome {
    let participant = session.participant_in(&request.room_id)?;
    let room_id = request.room_id;
    let body = match (request.transport_id, request.producer_id, request.consumer_id) {
        (Some(id), None, None) => {
            let stats = participant.transport_stats(transport_id(&id)?).await?;
            json!({ "roomId": room_id, "transportId": id, "stats": [stats] })
        }
        (None, Some(id), None) => {
            let stats = participant.producer_stats(producer_id(&id)?).await?;
            json!({ "roomId": room_id, "producerId": id, "stats": stats })
        }
        (None, None, Some(id)) => {
            let stats = participant.consumer_stats(consumer_id(&id)?).await?;
            json!({ "roomId": room_id, "consumerId": id, "stats": [stats] })
        }
        _ => {
            return Err(ApiError::malformed("one of transportId, producerId and consumerId is required"));
        }
    };
    Ok(Reply::new("mediasoup:stats", body))
}

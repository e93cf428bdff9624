//! Recording: not supported by this build; callers learn that once they have shown that they may ask.

use serde::Deserialize;

use mediasoup_core::ids::RoomId;

use super::{reply::Outcome, session::Session};
use crate::error::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfRoom {
    room_id: RoomId,
}

pub(super) async fn refuse(session: &mut Session, request: OfRoom) -> Outcome {
    session.hosted_room(&request.room_id).await?;
    Err(ApiError::unsupported("Recording"))
}

//! Rooms: create, join, leave, read; and what a host may do in them.

use std::time::SystemTime;

use mediasoup_core::{
    ids::{ParticipantId, RoomId},
    room::{CloseReason, LeaveReason, RoomEvent, RoomInfo},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    reply::{Outcome, Reply},
    session::Session,
};
use crate::{
    access,
    auth::{Identity, Role},
    ice,
    input::{self, Object},
    recording::RecordingView,
    view::{CreatedRoomView, ParticipantView, RoomOptionsRequest, RoomView},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateRoom {
    /// Absent: one nobody can guess.
    room_id: Option<RoomId>,
    options: Option<Object<RoomOptionsRequest>>,
}

/// The caller becomes the room's host.
pub(super) async fn create(session: &mut Session, request: CreateRoom) -> Outcome {
    let id = match request.room_id {
        Some(id) => id,
        None => input::name("roomId", &uuid::Uuid::new_v4().to_string())?,
    };
    access::require_entry(&session.identity, &id)?;
    access::require_open(&session.state)?;
    let Object(options) = request.options.unwrap_or_default();
    let options = options.or(&session.state.config.room);
    let room = session.state.rooms.create_room(id, options, Some(session.participant.clone())).await?;
    Ok(Reply::new("mediasoup:room-created", json!({ "room": CreatedRoomView::from(room) })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JoinRoom {
    room_id: RoomId,
    participant_data: Option<Map<String, Value>>,
}

pub(super) async fn join(session: &mut Session, request: JoinRoom) -> Outcome {
    let room = session.room(&request.room_id)?;
    session.require_space_for(&request.room_id)?;
    let data = request.participant_data.map(|data| named(data, &session.identity));
    let joined = room.join(session.participant.clone(), data).await?;
    let recording = session.recording_at_join(&request.room_id);
    let reply = json!({
        "room": RoomView::new(joined.room.clone(), recording),
        "participant": ParticipantView::from(joined.info.clone()),
        "role": role_in(&joined.room, session),
        "iceServers": ice::servers_for(&session.state.config.ice, &session.participant, SystemTime::now()),
    });
    session.enter(request.room_id, joined);
    Ok(Reply::new("mediasoup:room-joined", reply))
}

/// What this socket may do in the room: a room's creator is its host, whatever the token says.
fn role_in(room: &RoomInfo, session: &Session) -> Role {
    if session.identity.is_admin() {
        Role::Admin
    } else if session.identity.may_host(&room.id) || room.host.as_ref() == Some(&session.participant) {
        Role::Host
    } else {
        Role::Participant
    }
}

/// What a participant says of itself, under its token's name where it says none.
fn named(mut data: Map<String, Value>, identity: &Identity) -> Value {
    if let Some(name) = &identity.name {
        data.entry("name").or_insert_with(|| Value::from(name.as_str()));
    }
    Value::Object(data)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfRoom {
    room_id: RoomId,
}

pub(super) async fn leave(session: &mut Session, request: OfRoom) -> Outcome {
    session.participant_in(&request.room_id)?.leave().await;
    Reply::instead_of(request.room_id, RoomEvent::Left(LeaveReason::Left))
}

pub(super) async fn info(session: &mut Session, request: OfRoom) -> Outcome {
    let room = session.room(&request.room_id)?.info().await?;
    let recording = RecordingView::of_room(&*session.state.recordings, &room.id);
    Ok(Reply::new("mediasoup:room-info", json!({ "room": RoomView::new(room, recording) })))
}

/// Hosts only.
pub(super) async fn close(session: &mut Session, request: OfRoom) -> Outcome {
    session.hosted_room(&request.room_id).await?;
    session.state.rooms.close_room(&request.room_id, CloseReason::Closed).await?;
    Reply::instead_of(request.room_id, RoomEvent::RoomClosed(CloseReason::Closed))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RemoveParticipant {
    room_id: RoomId,
    participant_id: ParticipantId,
}

/// Hosts only.
pub(super) async fn remove_participant(session: &mut Session, request: RemoveParticipant) -> Outcome {
    let RemoveParticipant { room_id, participant_id } = request;
    session.hosted_room(&room_id).await?.remove_participant(&participant_id, LeaveReason::Removed).await?;
    let body = json!({ "roomId": room_id, "participantId": participant_id, "reason": LeaveReason::Removed });
    Ok(Reply::new("mediasoup:participant-removed", body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_requests_are_read() {
        let create: CreateRoom = input::parse(Some(json!({
            "roomId": "room-123", "options": { "maxParticipants": 2, "enableRecording": true } })))
        .unwrap();
        let Object(options) = create.options.unwrap();
        let options = options.or(&crate::config::Room::default());
        assert_eq!((options.max_participants, options.enable_recording, options.timeout), (2, true, 0));
        let join: JoinRoom = input::parse(Some(json!({
            "roomId": "room-123", "participantData": { "name": "John Doe", "avatar": null } })))
        .unwrap();
        assert_eq!(
            Value::Object(join.participant_data.unwrap()),
            json!({ "name": "John Doe", "avatar": null })
        );
    }

    #[test]
    fn data_is_an_object_and_limits_are_positive() {
        let field = |request| input::parse::<CreateRoom>(Some(request)).err().and_then(|error| error.field);
        let join = |request| input::parse::<JoinRoom>(Some(request)).err().and_then(|error| error.field);
        assert_eq!(
            field(json!({ "options": { "maxParticipants": 0 } })).as_deref(),
            Some("options.maxParticipants")
        );
        assert_eq!(field(json!({ "options": { "timeout": 1.5 } })).as_deref(), Some("options.timeout"));
        assert_eq!(field(json!({ "options": "none" })).as_deref(), Some("options"));
        assert_eq!(
            join(json!({ "roomId": "a", "participantData": [1] })).as_deref(),
            Some("participantData")
        );
    }

    #[test]
    fn the_tokens_name_stands_in_for_a_missing_one() {
        let identity = Identity { name: Some("Ada".to_owned()), ..Identity::anonymous() };
        assert_eq!(named(Map::new(), &identity), json!({ "name": "Ada" }));
        let own = json!({ "name": "Countess" }).as_object().cloned().unwrap();
        assert_eq!(named(own, &identity), json!({ "name": "Countess" }));
    }
}

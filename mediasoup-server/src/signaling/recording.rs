//! Recordings: start and stop, for hosts; and what everyone in the room is told of them.

use mediasoup_core::{
    ids::RoomId,
    recording::{Recording, RecordingError, RecordingEvent},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    news::Turn,
    reply::{Outcome, Reply},
    session::Session,
};
use crate::{
    input::Object,
    recording::{self, RecordingOptionsRequest},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartRecording {
    room_id: RoomId,
    options: Option<Object<RecordingOptionsRequest>>,
}

/// Hosts only.
pub(super) async fn start(session: &mut Session, request: StartRecording) -> Outcome {
    let room = session.hosted_room(&request.room_id).await?;
    let recording = recording::start(&session.state, &room, request.options).await?;
    session.news.told(recording.id, Turn::Started);
    Ok(Reply::new("mediasoup:recording-started", of(&recording)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StopRecording {
    room_id: RoomId,
}

/// Hosts only. The files may take some seconds: the session answers when they are there, and goes on meanwhile.
pub(super) async fn stop(session: &mut Session, request: StopRecording) -> Outcome {
    session.hosted_room(&request.room_id).await?;
    let recording =
        session.state.recordings.recording_of(&request.room_id).ok_or(RecordingError::NoRecording)?;
    Ok(Reply { stopping: Some(Box::new(recording)), ..stopped_reply(json!({})) })
}

/// The answer to a stop that is done.
pub(super) fn stopped(result: Result<Recording, RecordingError>) -> Outcome {
    Ok(stopped_reply(of(&result?)))
}

fn stopped_reply(body: Value) -> Reply {
    Reply::new("mediasoup:recording-stopped", body)
}

fn of(recording: &Recording) -> Value {
    json!({ "roomId": recording.room_id, "recording": recording })
}

/// Room, name and object of an event; `None` for those clients do not know.
pub(super) fn to_client(event: &RecordingEvent) -> Option<(&RoomId, &'static str, Map<String, Value>)> {
    let (recording, name) = match event {
        RecordingEvent::Started(recording) => (recording, "mediasoup:recording-started"),
        RecordingEvent::Stopped(recording) => (recording, "mediasoup:recording-stopped"),
        RecordingEvent::Ready(recording) => (recording, "mediasoup:recording-ready"),
        RecordingEvent::Failed { recording, .. } => (recording, "mediasoup:recording-failed"),
        _ => return None,
    };
    let Value::Object(mut object) = of(recording) else { return None };
    if let RecordingEvent::Failed { error, .. } = event {
        object.insert("error".to_owned(), Value::from(error.as_str()));
    }
    Some((&recording.room_id, name, object))
}

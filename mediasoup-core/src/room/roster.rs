//! Who is in the room and with which tracks, told to those who record it.

use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    event::RoomEvent,
    handles::Handles,
    info::{ParticipantInfo, ProducerInfo, RoomInfo},
    limits::ROSTER_QUEUE_LEN,
};
use crate::{
    ids::ParticipantId,
    media::rtp::RtpParameters,
    recording::{RosterEvent, Track, TrackCodec},
};

/// Longest name under a picture, in characters.
const NAME_LEN_MAX: usize = 100;

/// Whoever follows the room's roster.
#[derive(Debug, Default)]
pub(super) struct Followers(Vec<mpsc::Sender<RosterEvent>>);

impl Followers {
    /// One more: hears `present` first, then everything that is told from now on.
    pub(super) fn add(&mut self, present: Vec<RosterEvent>) -> mpsc::Receiver<RosterEvent> {
        let (events, receiver) = mpsc::channel(present.len() + ROSTER_QUEUE_LEN);
        // The queue was made to hold them.
        let told = present.into_iter().all(|event| events.try_send(event).is_ok());
        debug_assert!(told);
        self.0.push(events);
        receiver
    }

    /// Tells all. One that is too far behind, or has gone, follows no longer. Answers how many were too far behind.
    pub(super) fn tell(&mut self, event: &RosterEvent) -> usize {
        let mut behind = 0;
        self.0.retain(|follower| match follower.try_send(event.clone()) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_)) => {
                behind += 1;
                false
            }
            Err(mpsc::error::TrySendError::Closed(_)) => false,
        });
        behind
    }

    /// The room closes: nobody hears more.
    pub(super) fn end(&mut self) {
        self.0.clear();
    }
}

/// All that is in a room, participants before their tracks.
pub(super) fn present(room: &RoomInfo, media: &Handles) -> Vec<RosterEvent> {
    let participants = room.participants.iter().map(joined);
    participants.chain(room.producers.iter().filter_map(|producer| track_added(producer, media))).collect()
}

/// What an event of the room means for its roster; `None`: nothing.
pub(super) fn change(event: &RoomEvent, media: &Handles) -> Option<RosterEvent> {
    Some(match event {
        RoomEvent::ParticipantJoined(info) => joined(info),
        RoomEvent::ParticipantLeft { participant_id, .. } => left(participant_id),
        RoomEvent::NewProducer(info) => return track_added(info, media),
        RoomEvent::ProducerPaused { producer_id, .. } => {
            RosterEvent::TrackPaused { producer_id: *producer_id, paused: true }
        }
        RoomEvent::ProducerResumed { producer_id, .. } => {
            RosterEvent::TrackPaused { producer_id: *producer_id, paused: false }
        }
        RoomEvent::ProducerClosed { producer_id, .. } => {
            RosterEvent::TrackRemoved { producer_id: *producer_id }
        }
        _ => return None,
    })
}

pub(super) fn joined(info: &ParticipantInfo) -> RosterEvent {
    RosterEvent::Joined { participant_id: info.id.clone(), name: name(info) }
}

pub(super) fn left(id: &ParticipantId) -> RosterEvent {
    RosterEvent::Left { participant_id: id.clone() }
}

/// `None` where the media plane has closed it meanwhile, or it sends nothing that could be recorded.
fn track_added(info: &ProducerInfo, media: &Handles) -> Option<RosterEvent> {
    let producer = media.producer(info.id).ok()?;
    Some(RosterEvent::TrackAdded(Track {
        producer_id: info.id,
        participant_id: info.participant_id.clone(),
        kind: info.kind,
        codec: media_codec(producer.rtp_parameters())?,
        is_screen: is_screen(&info.app_data),
        paused: info.paused,
    }))
}

/// The first codec that carries media: RTX, RED and FEC only protect another.
fn media_codec(parameters: &RtpParameters) -> Option<TrackCodec> {
    let protects = |mime_type: &str| {
        let subtype = mime_type.split('/').nth(1).unwrap_or_default().to_ascii_lowercase();
        matches!(subtype.as_str(), "rtx" | "red" | "ulpfec" | "flexfec-03")
    };
    let codec = parameters.codecs.iter().find(|codec| !protects(&codec.mime_type))?;
    Some(TrackCodec {
        mime_type: codec.mime_type.clone(),
        clock_rate: codec.clock_rate,
        payload_type: codec.payload_type,
    })
}

/// What is written under its picture: what it calls itself, else its id.
pub(super) fn name(info: &ParticipantInfo) -> String {
    let name = info.data.get("name").and_then(Value::as_str).unwrap_or_default().trim();
    if name.is_empty() {
        return info.id.as_str().to_owned();
    }
    name.chars().take(NAME_LEN_MAX).collect()
}

/// Clients have no common word for what a track shows; these are the usual ones.
fn is_screen(app_data: &Value) -> bool {
    let says_screen = |key| match app_data.get(key) {
        Some(Value::String(text)) => text.to_lowercase().contains("screen"),
        Some(Value::Bool(is)) => *is && matches!(key, "screen" | "share"),
        _ => false,
    };
    ["source", "mediaTag", "type", "kind", "share", "screen"].into_iter().any(says_screen)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_what_a_participant_calls_itself_else_its_id() {
        let named = |data| name(&ParticipantInfo { id: "ada".parse().unwrap(), data, joined_at: 0 });
        assert_eq!(named(json!({ "name": "  Ada Lovelace\n" })), "Ada Lovelace");
        for data in [json!({}), json!({ "name": " " }), json!({ "name": 5 }), json!({ "name": null })] {
            assert_eq!(named(data), "ada");
        }
        assert_eq!(named(json!({ "name": "♥".repeat(500) })), "♥".repeat(NAME_LEN_MAX));
    }

    #[test]
    fn screens_are_known_by_the_usual_words() {
        let screens = [
            json!({ "source": "screen" }),
            json!({ "mediaTag": "screen-video" }),
            json!({ "type": "screenShare" }),
            json!({ "kind": "Screen" }),
            json!({ "share": "my screen" }),
            json!({ "share": true }),
            json!({ "screen": true }),
        ];
        for app_data in screens {
            assert!(is_screen(&app_data), "{app_data}");
        }
        let others = [
            json!({}),
            json!(null),
            json!({ "source": "webcam" }),
            json!({ "source": true }),
            json!({ "share": false }),
            json!({ "screen": 1 }),
            json!({ "title": "screen" }),
        ];
        for app_data in others {
            assert!(!is_screen(&app_data), "{app_data}");
        }
    }

    #[test]
    fn the_codec_is_the_one_that_carries_media() {
        let codec = |mime_type: &str, payload_type: u8| json!({ "mimeType": mime_type, "payloadType": payload_type, "clockRate": 90000 });
        let of = |codecs: Value| media_codec(&serde_json::from_value(json!({ "codecs": codecs })).unwrap());
        let found = of(json!([codec("video/rtx", 97), codec("video/H264", 102)])).unwrap();
        assert_eq!((found.mime_type.as_str(), found.payload_type), ("video/H264", 102));
        assert_eq!(of(json!([codec("video/ulpfec", 97)])), None);
    }
}

//! Rooms against a media plane in memory.

mod data;
mod fake;
mod members;
mod model;
mod rooms;
mod roster;
mod tracks;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use serde_json::json;
use tokio::sync::mpsc::{Receiver, error::TryRecvError};

use self::fake::Fake;
use super::{
    ConsumerInfo, Joined, Participant, ProducerInfo, Room, RoomError, RoomEvent, RoomInfo, RoomManager,
    RoomOptions, Rooms, TransportDirection,
};
use crate::{
    ids::{ParticipantId, ProducerId, RoomId, TransportId},
    media::{
        default_media_codecs,
        options::{ConsumerOptions, ProducerOptions, RouterOptions, WebRtcTransportOptions},
        rtp::MediaKind,
    },
};

/// Rooms on a fake media plane.
struct World {
    media: Fake,
    rooms: Rooms,
}

impl World {
    fn new() -> Self {
        let media = Fake::default();
        let router = RouterOptions::new(default_media_codecs());
        let rooms = Rooms::new(Arc::new(media.clone()), router, WebRtcTransportOptions::default());
        Self { media, rooms }
    }

    /// With one room.
    async fn with_room(max_participants: u32) -> (Self, Room) {
        let world = Self::new();
        let room = world.room("room", options(max_participants)).await;
        (world, room)
    }

    async fn room(&self, id: &str, options: RoomOptions) -> Room {
        self.rooms.create_room(room_id(id), options, None).await.unwrap();
        self.rooms.room(&room_id(id)).unwrap()
    }
}

/// A participant with what tests want of it.
struct Peer {
    room: RoomInfo,
    me: Participant,
    events: Receiver<RoomEvent>,
}

impl Peer {
    async fn join(room: &Room, id: &str) -> Self {
        Self::of(room.join(participant_id(id), None).await.unwrap())
    }

    fn of(Joined { room, participant, events, .. }: Joined) -> Self {
        Self { room, me: participant, events }
    }

    /// All events so far.
    fn heard(&mut self) -> Vec<RoomEvent> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    /// All events until the stream's end.
    async fn heard_to_the_end(&mut self) -> Vec<RoomEvent> {
        let mut heard = Vec::new();
        while let Some(event) = self.events.recv().await {
            heard.push(event);
        }
        heard
    }

    fn is_listening(&mut self) -> bool {
        matches!(self.events.try_recv(), Err(TryRecvError::Empty))
    }

    async fn transport(&self, direction: TransportDirection) -> TransportId {
        self.me.create_transport(direction).await.unwrap().id
    }

    async fn produce(&self, kind: MediaKind) -> ProducerInfo {
        let transport = self.transport(TransportDirection::Send).await;
        self.me.produce(transport, track(kind)).await.unwrap()
    }

    async fn consume(&self, producer: ProducerId) -> ConsumerInfo {
        let transport = self.transport(TransportDirection::Recv).await;
        self.me.consume(transport, self.watch(producer)).await.unwrap()
    }

    fn watch(&self, producer: ProducerId) -> ConsumerOptions {
        ConsumerOptions::new(producer, self.room.rtp_capabilities.clone())
    }
}

fn options(max_participants: u32) -> RoomOptions {
    RoomOptions { max_participants, enable_recording: false, timeout: 0 }
}

fn room_id(id: &str) -> RoomId {
    id.parse().unwrap()
}

fn participant_id(id: &str) -> ParticipantId {
    id.parse().unwrap()
}

/// A track nobody has published before.
fn track(kind: MediaKind) -> ProducerOptions {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let ssrc = NEXT.fetch_add(1, Ordering::Relaxed);
    let codec = match kind {
        MediaKind::Audio => {
            json!({ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2 })
        }
        MediaKind::Video => json!({ "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000 }),
    };
    let parameters = json!({ "mid": ssrc.to_string(), "codecs": [codec], "encodings": [{ "ssrc": ssrc }] });
    ProducerOptions::new(kind, serde_json::from_value(parameters).unwrap())
}

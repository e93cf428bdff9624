//! A room with one participant and one track.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::port::Taps;
use crate::{
    ids::{ProducerId, RoomId, WorkerId},
    media::{
        Router, Worker, default_media_codecs,
        options::RouterOptions,
        rtp::MediaKind,
        tap::{TapEvent, TapPacket},
    },
    recording::{RecordedRoom, RecordingError, RosterEvent, Track, TrackCodec},
};

/// The track that is there from the start.
pub(crate) const TRACK: ProducerId = ProducerId::from_u128(1);

#[derive(Debug)]
pub(crate) struct FakeRoom {
    id: RoomId,
    pub(crate) allows: bool,
    taps: Arc<Taps>,
    router: Router,
    /// `None`: the room has closed.
    listeners: Mutex<Option<Vec<mpsc::Sender<RosterEvent>>>>,
    /// Held by a test, a recording of it cannot start.
    pub(crate) gate: tokio::sync::Mutex<()>,
}

impl FakeRoom {
    pub(crate) async fn new(id: &str) -> Self {
        let taps = Arc::new(Taps::default());
        let worker = Worker::new(WorkerId::random(), Arc::clone(&taps) as _);
        let router = worker.create_router(RouterOptions::new(default_media_codecs())).await.unwrap();
        Self {
            id: id.parse().unwrap(),
            allows: true,
            taps,
            router,
            listeners: Mutex::new(Some(Vec::new())),
            gate: tokio::sync::Mutex::default(),
        }
    }

    /// Its track sends a packet.
    pub(crate) fn send(&self, arrival: Instant, sequence: u64) {
        self.taps.send(&packet(TRACK, arrival, sequence));
    }

    pub(crate) fn change(&self, event: &RosterEvent) {
        for listener in self.listeners.lock().unwrap().iter().flatten() {
            listener.try_send(event.clone()).unwrap();
        }
    }

    pub(crate) fn close(&self) {
        *self.listeners.lock().unwrap() = None;
    }

    pub(crate) fn lose_worker(&self) {
        self.taps.close();
    }
}

#[async_trait]
impl RecordedRoom for FakeRoom {
    fn id(&self) -> &RoomId {
        &self.id
    }

    fn allows_recording(&self) -> bool {
        self.allows
    }

    async fn router(&self) -> Result<Router, RecordingError> {
        drop(self.gate.lock().await);
        Ok(self.router.clone())
    }

    async fn roster(&self) -> Result<mpsc::Receiver<RosterEvent>, RecordingError> {
        let (sender, receiver) = mpsc::channel(64);
        for event in [joined(), RosterEvent::TrackAdded(track(TRACK))] {
            sender.try_send(event).unwrap();
        }
        let mut listeners = self.listeners.lock().unwrap();
        listeners.as_mut().ok_or(RecordingError::RoomNotFound)?.push(sender);
        Ok(receiver)
    }
}

pub(crate) fn joined() -> RosterEvent {
    RosterEvent::Joined { participant_id: "ada".parse().unwrap(), name: "Ada".to_owned() }
}

pub(crate) fn track(producer_id: ProducerId) -> Track {
    Track {
        producer_id,
        participant_id: "ada".parse().unwrap(),
        kind: MediaKind::Audio,
        codec: TrackCodec { mime_type: "audio/opus".to_owned(), clock_rate: 48_000, payload_type: 100 },
        is_screen: false,
        paused: false,
    }
}

pub(crate) fn packet(producer_id: ProducerId, arrival: Instant, sequence: u64) -> TapEvent {
    TapEvent::Packet(TapPacket {
        producer_id,
        encoding: 0,
        arrival,
        sequence,
        timestamp: 0,
        marker: false,
        payload_type: 100,
        is_key_frame: true,
        rotation: None,
        payload: [0; 100].into(),
    })
}

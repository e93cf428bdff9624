//! One room's life: two participants see and hear each other; then it ends in one of several ways.

use std::sync::Arc;

use mediasoup_core::{
    ids::TransportId,
    media::{
        options::{ConsumerOptions, ProducerOptions},
        rtp::{MediaKind, RtpCapabilities},
        transport::{DtlsFingerprint, DtlsParameters, DtlsRole, FingerprintAlgorithm},
    },
    room::{
        CloseReason, Joined, LeaveReason, Participant, ProducerInfo, Room, RoomError, RoomEvent, RoomManager,
        RoomOptions, Rooms, TransportDirection,
    },
};
use serde_json::json;
use tokio::sync::{Barrier, mpsc::Receiver};

/// A participant with both its transports.
struct Member {
    me: Participant,
    events: Receiver<RoomEvent>,
    send: TransportId,
    recv: TransportId,
    capabilities: RtpCapabilities,
}

/// All that come to `full` are in use at once, so that every round needs as much memory at its height.
pub(crate) async fn of_room(rooms: Rooms, number: usize, full: Arc<Barrier>) {
    let id = format!("room-{number}").parse().expect("it is a name");
    let options = RoomOptions { max_participants: 2, enable_recording: false, timeout: 0 };
    rooms.create_room(id, options, None).await.unwrap();
    let room = rooms.room(&format!("room-{number}").parse().unwrap()).unwrap();

    let (ada, bob) = tokio::join!(Member::join(&room, "ada"), Member::join(&room, "bob"));
    let (of_ada, of_bob) = tokio::join!(ada.produce(), bob.produce());
    tokio::join!(ada.consume(&of_bob), bob.consume(&of_ada));
    assert_eq!(room.info().await.unwrap().producers.len(), 4);
    full.wait().await;
    match number % 4 {
        0 => all_leave(&rooms, &room, ada, bob).await,
        1 => it_is_closed(&rooms, &room, ada, bob).await,
        2 => all_vanish(&rooms, &room, ada, bob).await,
        _ => it_is_closed_in_use(&rooms, &room, &ada).await,
    }
}

async fn close(rooms: &Rooms, room: &Room) {
    rooms.close_room(room.id(), CloseReason::Closed).await.unwrap();
}

async fn all_leave(rooms: &Rooms, room: &Room, mut ada: Member, mut bob: Member) {
    tokio::join!(ada.me.leave(), bob.me.leave());
    assert_eq!(ada.last_event().await, Some(RoomEvent::Left(LeaveReason::Left)));
    assert_eq!(bob.last_event().await, Some(RoomEvent::Left(LeaveReason::Left)));
    close(rooms, room).await;
}

async fn it_is_closed(rooms: &Rooms, room: &Room, mut ada: Member, mut bob: Member) {
    close(rooms, room).await;
    assert_eq!(ada.last_event().await, Some(RoomEvent::RoomClosed(CloseReason::Closed)));
    assert_eq!(bob.last_event().await, Some(RoomEvent::RoomClosed(CloseReason::Closed)));
}

/// Their connections break: nobody reads their events any more.
async fn all_vanish(rooms: &Rooms, room: &Room, ada: Member, mut bob: Member) {
    drop(ada);
    while !matches!(bob.events.recv().await.expect("bob is there"), RoomEvent::ParticipantLeft { .. }) {}
    drop(bob);
    close(rooms, room).await;
}

async fn it_is_closed_in_use(rooms: &Rooms, room: &Room, ada: &Member) {
    let (answer, ()) = tokio::join!(ada.me.create_transport(TransportDirection::Recv), close(rooms, room));
    assert!(matches!(answer, Ok(_) | Err(RoomError::RoomNotFound)), "{answer:?}");
}

impl Member {
    async fn join(room: &Room, name: &str) -> Self {
        let Joined { room, participant, events, .. } = room.join(name.parse().unwrap(), None).await.unwrap();
        let send = Self::connected(&participant, TransportDirection::Send).await;
        let recv = Self::connected(&participant, TransportDirection::Recv).await;
        Self { me: participant, events, send, recv, capabilities: room.rtp_capabilities }
    }

    async fn connected(me: &Participant, direction: TransportDirection) -> TransportId {
        let id = me.create_transport(direction).await.unwrap().id;
        // Of a certificate that nobody has: the handshake is waited for, for ever.
        let fingerprint =
            DtlsFingerprint { algorithm: FingerprintAlgorithm::Sha256, value: ["AB"; 32].join(":") };
        let remote = DtlsParameters { role: DtlsRole::Client, fingerprints: vec![fingerprint] };
        me.connect_transport(id, remote).await.unwrap();
        id
    }

    async fn produce(&self) -> [ProducerInfo; 2] {
        let (audio, video) = (track(MediaKind::Audio), track(MediaKind::Video));
        [self.me.produce(self.send, audio).await.unwrap(), self.me.produce(self.send, video).await.unwrap()]
    }

    async fn consume(&self, producers: &[ProducerInfo]) {
        for producer in producers {
            let options = ConsumerOptions::new(producer.id, self.capabilities.clone());
            self.me.consume(self.recv, options).await.unwrap();
        }
    }

    async fn last_event(&mut self) -> Option<RoomEvent> {
        let mut last = None;
        while let Some(event) = self.events.recv().await {
            last = Some(event);
        }
        last
    }
}

fn track(kind: MediaKind) -> ProducerOptions {
    let parameters = match kind {
        MediaKind::Audio => json!({
            "mid": "0",
            "codecs": [{ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2 }],
            "encodings": [{ "ssrc": 1111 }],
        }),
        MediaKind::Video => json!({
            "mid": "1",
            "codecs": [
                { "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000,
                  "rtcpFeedback": [{ "type": "nack" }, { "type": "nack", "parameter": "pli" }, { "type": "transport-cc" }] },
                { "mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": { "apt": 96 } },
            ],
            "encodings": [{ "ssrc": 2222, "rtx": { "ssrc": 2223 } }],
        }),
    };
    ProducerOptions::new(kind, serde_json::from_value(parameters).expect("it is well-formed"))
}

//! What recordings hear of who is there.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::*;
use crate::{
    recording::{RecordedRoom, RecordingError, RosterEvent, TrackCodec},
    room::{CloseReason, LeaveReason, limits::ROSTER_QUEUE_LEN},
};

fn heard(roster: &mut Receiver<RosterEvent>) -> Vec<RosterEvent> {
    std::iter::from_fn(|| roster.try_recv().ok()).collect()
}

fn joined(id: &str, name: &str) -> RosterEvent {
    RosterEvent::Joined { participant_id: participant_id(id), name: name.to_owned() }
}

fn left(id: &str) -> RosterEvent {
    RosterEvent::Left { participant_id: participant_id(id) }
}

/// What a fold over the roster knows: who is there, and which tracks with whom.
#[derive(Debug, Default, PartialEq)]
struct Known {
    participants: BTreeSet<ParticipantId>,
    tracks: BTreeMap<ProducerId, (ParticipantId, bool)>,
}

impl Known {
    /// Panics where something comes in an order nobody could follow.
    fn learn(&mut self, event: RosterEvent) {
        match event {
            RosterEvent::Joined { participant_id, .. } => assert!(self.participants.insert(participant_id)),
            RosterEvent::Left { participant_id } => {
                assert!(self.participants.remove(&participant_id));
                assert!(
                    self.tracks.values().all(|(owner, _)| *owner != participant_id),
                    "its tracks go first"
                );
            }
            RosterEvent::TrackAdded(track) => {
                assert!(self.participants.contains(&track.participant_id), "participants come first");
                let added = (track.participant_id, track.paused);
                assert_eq!(self.tracks.insert(track.producer_id, added), None);
            }
            RosterEvent::TrackPaused { producer_id, paused } => {
                let known = self.tracks.get_mut(&producer_id).unwrap();
                assert_ne!(std::mem::replace(&mut known.1, paused), paused);
            }
            RosterEvent::TrackRemoved { producer_id } => {
                assert!(self.tracks.remove(&producer_id).is_some());
            }
        }
    }

    fn of(room: &RoomInfo) -> Self {
        let track = |it: &ProducerInfo| (it.id, (it.participant_id.clone(), it.paused));
        Self {
            participants: room.participants.iter().map(|it| it.id.clone()).collect(),
            tracks: room.producers.iter().map(track).collect(),
        }
    }
}

#[tokio::test]
async fn whoever_records_hears_what_is_there_and_then_what_changes() {
    let (_world, room) = World::with_room(5).await;
    let ada = Peer::of(room.join(participant_id("ada"), Some(json!({ "name": "Ada" }))).await.unwrap());
    let microphone = ada.produce(MediaKind::Audio).await;
    ada.me.pause_producer(microphone.id, true).await.unwrap();

    let mut roster = room.roster().await.unwrap();
    let present = heard(&mut roster);
    assert_eq!(present[0], joined("ada", "Ada"));
    let RosterEvent::TrackAdded(track) = &present[1] else { panic!("{present:?}") };
    assert_eq!((track.producer_id, track.kind), (microphone.id, MediaKind::Audio));
    assert_eq!(track.participant_id, participant_id("ada"));
    assert_eq!(
        track.codec,
        TrackCodec { mime_type: "audio/opus".to_owned(), clock_rate: 48000, payload_type: 111 }
    );
    assert!(track.paused && !track.is_screen && present.len() == 2);

    ada.me.pause_producer(microphone.id, false).await.unwrap();
    let bob = Peer::join(&room, "bob").await;
    let transport = bob.transport(TransportDirection::Send).await;
    let mut options = track_of_screen();
    options.paused = true;
    let screen = bob.me.produce(transport, options).await.unwrap();
    ada.me.close_producer(microphone.id).await.unwrap();
    bob.me.leave().await;
    let changes = heard(&mut roster);
    assert_eq!(changes[0], RosterEvent::TrackPaused { producer_id: microphone.id, paused: false });
    assert_eq!(changes[1], joined("bob", "bob"));
    let RosterEvent::TrackAdded(track) = &changes[2] else { panic!("{changes:?}") };
    assert!(track.is_screen && track.paused && track.producer_id == screen.id);
    let removed = |producer_id| RosterEvent::TrackRemoved { producer_id };
    assert_eq!(changes[3..], [removed(microphone.id), removed(screen.id), left("bob")]);
}

fn track_of_screen() -> ProducerOptions {
    let mut options = track(MediaKind::Video);
    options.app_data = json!({ "source": "screen" });
    options
}

#[tokio::test]
async fn a_replaced_session_goes_and_comes_and_one_that_was_added_takes_its_name() {
    let (_world, room) = World::with_room(5).await;
    let ada = Peer::join(&room, "ada").await;
    let camera = ada.produce(MediaKind::Video).await;
    let name = |name: &str| json!({ "name": name });
    room.add_participant(participant_id("bob"), name("Bob")).await.unwrap();
    let mut roster = room.roster().await.unwrap();
    assert_eq!(heard(&mut roster).len(), 3);
    let _newer = Peer::join(&room, "ada").await;
    let removed = RosterEvent::TrackRemoved { producer_id: camera.id };
    assert_eq!(heard(&mut roster), [removed, left("ada"), joined("ada", "ada")]);
    let _bob = room.join(participant_id("bob"), Some(name("Robert"))).await.unwrap();
    assert_eq!(heard(&mut roster), [left("bob"), joined("bob", "Robert")]);
    room.remove_participant(&participant_id("bob"), LeaveReason::Removed).await.unwrap();
    assert_eq!(heard(&mut roster), [left("bob")]);
}

#[tokio::test]
async fn the_roster_ends_with_the_room() {
    let (world, room) = World::with_room(5).await;
    let _ada = Peer::join(&room, "ada").await;
    let mut roster = room.roster().await.unwrap();
    world.rooms.close_room(room.id(), CloseReason::Closed).await.unwrap();
    assert_eq!(roster.recv().await, Some(joined("ada", "ada")));
    assert_eq!(roster.recv().await, None);
    assert!(matches!(room.roster().await, Err(RecordingError::RoomNotFound)));
    assert!(matches!(RecordedRoom::router(&room).await, Err(RecordingError::RoomNotFound)));
}

#[tokio::test]
async fn whoever_does_not_read_its_roster_is_let_go_and_the_room_goes_on() {
    let (_world, room) = World::with_room(5).await;
    drop(room.roster().await.unwrap());
    let mut slow = room.roster().await.unwrap();
    let mut quick = room.roster().await.unwrap();
    let changes = ROSTER_QUEUE_LEN / 2 + 1;
    for _ in 0..changes {
        Peer::join(&room, "ada").await.me.leave().await;
        assert_eq!(heard(&mut quick), [joined("ada", "ada"), left("ada")]);
    }
    assert_eq!(heard(&mut slow).len(), ROSTER_QUEUE_LEN);
    assert_eq!(slow.recv().await, None, "let go");
    assert!(matches!(quick.try_recv(), Err(TryRecvError::Empty)));
}

#[tokio::test]
async fn a_room_says_whether_it_may_be_recorded() {
    let world = World::new();
    for allowed in [true, false] {
        let with = RoomOptions { enable_recording: allowed, ..options(2) };
        let room = world.room(&format!("room-{allowed}"), with).await;
        assert_eq!(room.allows_recording(), allowed);
    }
}

/// Comes, publishes, mutes and goes, again and again.
async fn churn(room: Room, id: usize) {
    for round in 0..20 {
        let peer = Peer::join(&room, &format!("p{id}")).await;
        let producer = peer.produce(if round % 2 == 0 { MediaKind::Audio } else { MediaKind::Video }).await;
        peer.me.pause_producer(producer.id, true).await.unwrap();
        tokio::task::yield_now().await;
        match round % 3 {
            0 => peer.me.close_producer(producer.id).await.unwrap(),
            1 => peer.me.leave().await,
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_between_what_is_there_and_what_changes() {
    let (_world, room) = World::with_room(10).await;
    let mut tasks = JoinSet::new();
    for id in 0..6 {
        tasks.spawn(churn(room.clone(), id));
    }
    let mut rosters = Vec::new();
    for _ in 0..40 {
        rosters.push((Known::default(), room.roster().await.unwrap()));
        tokio::task::yield_now().await;
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    // Sessions whose receivers were dropped leave by and by: the last to come in hears of the last change, too.
    let mut settled = room.info().await.unwrap();
    while !settled.participants.is_empty() {
        tokio::task::yield_now().await;
        settled = room.info().await.unwrap();
    }
    let expected = Known::of(&settled);
    for (known, roster) in &mut rosters {
        for event in heard(roster) {
            known.learn(event);
        }
        assert_eq!(*known, expected);
    }
}

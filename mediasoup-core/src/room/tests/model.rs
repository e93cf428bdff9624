//! Whatever happens in whatever order: the books balance, nobody reaches what is another's, every session's
//! snapshot and events add up to the room as it is, and nothing is left when all have gone.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    ids::ConsumerId,
    room::{CloseReason, LeaveReason, ParticipantInfo},
};

const PEOPLE: [&str; 4] = ["ada", "bob", "eve", "kim"];

/// What somebody does. Numbers pick out of all there ever was: one's own, another's, or closed long ago.
#[derive(Clone, Debug)]
enum Deed {
    Add,
    Join,
    Leave,
    /// A session that was replaced or has left leaves again.
    LeaveAgain,
    Remove,
    OpenTransport(TransportDirection),
    CloseTransport(usize),
    Produce(usize, MediaKind),
    Pause(usize, bool),
    Lock(usize, bool),
    CloseProducer(usize),
    HostCloses(usize),
    Consume(usize, usize),
    CloseConsumer(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let direction = prop_oneof![Just(TransportDirection::Send), Just(TransportDirection::Recv)];
    let kind = prop_oneof![Just(MediaKind::Audio), Just(MediaKind::Video)];
    let number = any::<usize>;
    prop_oneof![
        1 => Just(Deed::Add),
        6 => Just(Deed::Join),
        1 => Just(Deed::Leave),
        1 => Just(Deed::LeaveAgain),
        1 => Just(Deed::Remove),
        8 => direction.prop_map(Deed::OpenTransport),
        1 => number().prop_map(Deed::CloseTransport),
        12 => (number(), kind).prop_map(|(transport, kind)| Deed::Produce(transport, kind)),
        3 => (number(), any::<bool>()).prop_map(|(producer, paused)| Deed::Pause(producer, paused)),
        2 => (number(), any::<bool>()).prop_map(|(producer, locked)| Deed::Lock(producer, locked)),
        2 => number().prop_map(Deed::CloseProducer),
        1 => number().prop_map(Deed::HostCloses),
        16 => (number(), number()).prop_map(|(transport, producer)| Deed::Consume(transport, producer)),
        2 => number().prop_map(Deed::CloseConsumer),
    ]
}

/// A session as its client sees it.
struct Client {
    peer: Peer,
    participants: Vec<ParticipantInfo>,
    producers: Vec<ProducerInfo>,
    consumers: Vec<ConsumerId>,
}

impl Client {
    fn new(peer: Peer) -> Self {
        let (participants, producers) = (peer.room.participants.clone(), peer.room.producers.clone());
        Self { peer, participants, producers, consumers: Vec::new() }
    }

    /// Takes in what it was told. Whether its session lasts.
    fn catch_up(&mut self) -> bool {
        let mut has_ended = false;
        for event in self.peer.heard() {
            assert!(!has_ended, "{event:?} after the last event");
            match event {
                RoomEvent::ParticipantJoined(info) => {
                    assert!(self.participants.iter().all(|known| known.id != info.id), "came twice");
                    self.participants.push(info);
                }
                RoomEvent::ParticipantLeft { participant_id, .. } => {
                    assert!(
                        self.producers.iter().all(|producer| producer.participant_id != participant_id),
                        "its tracks go first"
                    );
                    remove(&mut self.participants, |info| info.id == participant_id);
                }
                RoomEvent::NewProducer(info) => {
                    assert!(self.participants.iter().any(|known| known.id == info.participant_id));
                    self.producers.push(info);
                }
                RoomEvent::ProducerClosed { producer_id, .. } => {
                    remove(&mut self.producers, |info| info.id == producer_id);
                }
                RoomEvent::ProducerPaused { producer_id, .. } => self.set_paused(producer_id, true),
                RoomEvent::ProducerResumed { producer_id, .. } => self.set_paused(producer_id, false),
                RoomEvent::ConsumerClosed { consumer_id, .. } => {
                    remove(&mut self.consumers, |id| *id == consumer_id);
                }
                RoomEvent::Left(_) | RoomEvent::RoomClosed(_) => has_ended = true,
                quality => panic!("the fake says nothing of {quality:?}"),
            }
        }
        !has_ended
    }

    fn set_paused(&mut self, id: ProducerId, paused: bool) {
        let producer = self.producers.iter_mut().find(|producer| producer.id == id).unwrap();
        assert_ne!(std::mem::replace(&mut producer.paused, paused), paused, "no news");
    }
}

/// Removes the one.
fn remove<T>(list: &mut Vec<T>, is_it: impl Fn(&T) -> bool) {
    let at = list.iter().position(is_it).expect("told of something unknown");
    list.remove(at);
}

/// A room, its clients, and all there ever was, with its owner.
struct Model {
    world: World,
    room: Room,
    clients: BTreeMap<ParticipantId, Client>,
    gone: Vec<Participant>,
    transports: Vec<(TransportId, ParticipantId)>,
    producers: Vec<(ProducerId, ParticipantId)>,
    consumers: Vec<(ConsumerId, ParticipantId)>,
}

impl Model {
    async fn new() -> Self {
        let (world, room) = World::with_room(3).await;
        let (clients, gone) = (BTreeMap::new(), Vec::new());
        let (transports, producers, consumers) = (Vec::new(), Vec::new(), Vec::new());
        Self { world, room, clients, gone, transports, producers, consumers }
    }

    async fn act(&mut self, id: ParticipantId, deed: Deed) {
        match deed {
            Deed::Add => drop(self.room.add_participant(id, json!({ "name": "added" })).await),
            Deed::Join => self.join(id).await,
            Deed::LeaveAgain => {
                if let Some(gone) = self.gone.first() {
                    gone.leave().await;
                }
            }
            Deed::Remove => drop(self.room.remove_participant(&id, LeaveReason::Removed).await),
            Deed::Lock(producer, locked) => {
                if let Some((producer, _)) = pick(&self.producers, producer) {
                    drop(self.room.lock_producer(producer, locked).await);
                }
            }
            Deed::HostCloses(producer) => {
                if let Some((producer, _)) = pick(&self.producers, producer) {
                    drop(self.room.close_producer(producer).await);
                }
            }
            own => {
                if let Some(client) = self.clients.remove(&id) {
                    let client = self.act_in_session(client, own).await;
                    self.clients.insert(id, client);
                }
            }
        }
    }

    async fn join(&mut self, id: ParticipantId) {
        match self.room.join(id.clone(), None).await {
            Ok(joined) => {
                if let Some(mut older) = self.clients.insert(id, Client::new(Peer::of(joined))) {
                    assert!(!older.catch_up(), "the older session has ended");
                    self.gone.push(older.peer.me);
                }
            }
            Err(error) => {
                assert!(matches!(error, RoomError::RoomFull), "{error:?}");
                assert!(!self.clients.contains_key(&id));
            }
        }
    }

    async fn act_in_session(&mut self, mut client: Client, deed: Deed) -> Client {
        let me = client.peer.me.clone();
        let check = |owner: ParticipantId| assert_eq!(owner, *me.id(), "reached what is another's");
        match deed {
            Deed::Leave => me.leave().await,
            Deed::OpenTransport(direction) => {
                if let Ok(transport) = me.create_transport(direction).await {
                    self.transports.push((transport.id, me.id().clone()));
                }
            }
            Deed::CloseTransport(transport) => {
                if let Some((transport, owner)) = pick(&self.transports, transport)
                    && me.close_transport(transport).await.is_ok()
                {
                    check(owner);
                }
            }
            Deed::Produce(transport, kind) => {
                if let Some((transport, owner)) = pick(&self.transports, transport)
                    && let Ok(producer) = me.produce(transport, track(kind)).await
                {
                    check(owner);
                    self.producers.push((producer.id, me.id().clone()));
                    client.producers.push(producer);
                }
            }
            Deed::Pause(producer, paused) => {
                if let Some((producer, owner)) = pick(&self.producers, producer)
                    && me.pause_producer(producer, paused).await.is_ok()
                {
                    check(owner);
                }
            }
            Deed::CloseProducer(producer) => {
                if let Some((producer, owner)) = pick(&self.producers, producer)
                    && me.close_producer(producer).await.is_ok()
                {
                    check(owner);
                }
            }
            Deed::Consume(transport, producer) => {
                if let Some((transport, owner)) = pick(&self.transports, transport)
                    && let Some((producer, _)) = pick(&self.producers, producer)
                    && let Ok(consumer) = me.consume(transport, client.peer.watch(producer)).await
                {
                    check(owner);
                    self.consumers.push((consumer.id, me.id().clone()));
                    client.consumers.push(consumer.id);
                }
            }
            Deed::CloseConsumer(consumer) => {
                if let Some((consumer, owner)) = pick(&self.consumers, consumer)
                    && me.close_consumer(consumer).await.is_ok()
                {
                    check(owner);
                    remove(&mut client.consumers, |id| *id == consumer);
                }
            }
            others => unreachable!("{others:?} needs no session"),
        }
        client
    }

    async fn check(&mut self) {
        let (info, details) = (self.room.info().await.unwrap(), self.room.participants().await.unwrap());
        let gone = self.clients.extract_if(.., |_, client| !client.catch_up());
        self.gone.extend(gone.map(|(_, client)| client.peer.me));
        for (id, client) in &self.clients {
            assert_eq!(client.participants, info.participants, "as {id} sees them");
            assert_eq!(client.producers, info.producers, "as {id} sees them");
            let detail = details.iter().find(|detail| detail.info.id == *id).unwrap();
            let mut consumers =
                [&detail.stats.audio_consumers[..], &detail.stats.video_consumers[..]].concat();
            let mut known = client.consumers.clone();
            consumers.sort_unstable();
            known.sort_unstable();
            assert_eq!(known, consumers, "as {id} knows them");
        }
        let of_kind = |kind| info.producers.iter().filter(|producer| producer.kind == kind).count();
        assert_eq!(info.stats.audio_producers, of_kind(MediaKind::Audio));
        assert_eq!(info.stats.video_producers, of_kind(MediaKind::Video));
        let audio: usize = details.iter().map(|detail| detail.stats.audio_consumers.len()).sum();
        let video: usize = details.iter().map(|detail| detail.stats.video_consumers.len()).sum();
        assert_eq!((info.stats.audio_consumers, info.stats.video_consumers), (audio, video));
        assert!(info.participants.len() <= 3);
        assert_eq!(self.world.rooms.stats().total_participants, info.participants.len());

        let open = self.world.media.open();
        assert!(open.producers.keys().copied().eq(sorted(info.producers.iter().map(|producer| producer.id))));
        for producer in &info.producers {
            assert_eq!(open.producers[&producer.id].1, producer.paused);
        }
        assert_eq!(open.consumers.len(), audio + video);
        for transport in open.transports.keys() {
            let (_, owner) = self.transports.iter().find(|(id, _)| id == transport).unwrap();
            assert!(info.participants.iter().any(|participant| participant.id == *owner), "left behind");
        }
    }

    async fn end(mut self) {
        for name in PEOPLE {
            drop(self.room.remove_participant(&participant_id(name), LeaveReason::Removed).await);
        }
        self.check().await;
        assert_eq!(self.world.media.counts(), (1, 0, 0, 0));
        self.world.rooms.close(CloseReason::Shutdown).await;
        assert_eq!(self.world.media.counts(), (0, 0, 0, 0));
    }
}

fn pick<T: Clone>(list: &[T], number: usize) -> Option<T> {
    // The latest are the likeliest to be open still.
    let recent = &list[list.len().saturating_sub(8)..];
    recent.get(number.checked_rem(recent.len())?).cloned()
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut items: Vec<_> = items.collect();
    items.sort_unstable();
    items.into_iter()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_books_balance(deeds in prop::collection::vec((0..PEOPLE.len(), deed()), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut model = Model::new().await;
            for (who, deed) in deeds {
                model.act(participant_id(PEOPLE[who]), deed).await;
                model.check().await;
            }
            model.end().await;
        });
    }
}

//! Observers: what is heard of producers, from the levels senders state in their packets (RFC 6464).

mod levels;
mod speaker;
mod speakers;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use slab::Slab;

use self::{
    levels::{AudioLevels, Heard},
    speakers::Speakers,
};
use super::{
    Engine,
    deadlines::Deadlines,
    keys::{ObserverKey, ProducerKey},
    producer::Producer,
    rtp::{Extension, RtpPacket},
};
use crate::{
    ids::{ProducerId, RouterId, RtpObserverId},
    media::{
        error::ObserverError,
        event::{AudioLevel, RouterEvent},
        options::RtpObserverOptions,
        rtp::MediaKind,
    },
};

/// What an observer makes of levels.
#[derive(Debug)]
enum Method {
    Levels(AudioLevels),
    Speakers(Speakers),
}

#[derive(Debug)]
struct Observer {
    id: RtpObserverId,
    router: RouterId,
    paused: bool,
    /// Between two looks.
    interval: Duration,
    method: Method,
}

/// All observers of an engine.
#[derive(Debug, Default)]
pub(super) struct Observers {
    table: Slab<Observer>,
    keys: BTreeMap<RtpObserverId, ObserverKey>,
    /// An observer that hears nothing has none.
    deadlines: Deadlines<ObserverKey>,
}

impl Observers {
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    pub(super) fn id(&self, key: ObserverKey) -> RtpObserverId {
        self.table[key.0].id
    }

    /// All of a router.
    pub(super) fn ids_of(&self, router: RouterId) -> Vec<RtpObserverId> {
        let observers = self.table.iter().filter(|(_, observer)| observer.router == router);
        observers.map(|(_, observer)| observer.id).collect()
    }

    fn key(&self, id: RtpObserverId) -> Result<ObserverKey, ObserverError> {
        self.keys.get(&id).copied().ok_or(ObserverError::NotFound(id))
    }

    fn remove(&mut self, key: ObserverKey) {
        self.deadlines.set(key, None);
        self.keys.remove(&self.table.remove(key.0).id);
    }

    fn on_level(&mut self, now: Instant, key: ObserverKey, producer: ProducerKey, level: u8) {
        let observer = &mut self.table[key.0];
        if observer.paused {
            return;
        }
        match &mut observer.method {
            Method::Levels(levels) => levels.on_level(producer, level),
            Method::Speakers(speakers) => speakers.on_level(now, producer, level),
        }
        self.deadlines.sooner(key, now + observer.interval);
    }

    fn add(&mut self, now: Instant, key: ObserverKey, producer: ProducerKey, is_paused: bool) {
        let observer = &mut self.table[key.0];
        match &mut observer.method {
            Method::Levels(levels) => levels.add(producer),
            Method::Speakers(speakers) => {
                speakers.add(now, producer, is_paused);
                if !observer.paused {
                    self.deadlines.sooner(key, now + observer.interval);
                }
            }
        }
    }

    fn forget(&mut self, now: Instant, key: ObserverKey, producer: ProducerKey) {
        match &mut self.table[key.0].method {
            Method::Levels(levels) => levels.remove(producer),
            Method::Speakers(speakers) => {
                speakers.remove(producer);
                self.deadlines.sooner(key, now);
            }
        }
    }

    fn set_producer_paused(&mut self, key: ObserverKey, producer: ProducerKey, paused: bool) {
        match &mut self.table[key.0].method {
            Method::Levels(levels) if paused => levels.remove(producer),
            Method::Levels(levels) => levels.add(producer),
            Method::Speakers(speakers) => speakers.set_paused(producer, paused),
        }
    }

    /// Looks at what an observer has heard, and when to look again.
    fn look(
        &mut self,
        now: Instant,
        key: ObserverKey,
        producers: &Slab<Producer>,
    ) -> Option<(RouterId, RouterEvent)> {
        let observer = &mut self.table[key.0];
        let (event, is_audible) = match &mut observer.method {
            Method::Levels(levels) => {
                let heard = levels.take();
                (heard.map(|heard| tell_levels(observer.id, heard, producers)), levels.is_audible())
            }
            Method::Speakers(speakers) => {
                let dominant = speakers.take(now).map(|key| producers[key.0].id);
                let event = dominant.map(|id| RouterEvent::DominantSpeaker(observer.id, id));
                (event, speakers.is_audible())
            }
        };
        self.deadlines.set(key, is_audible.then(|| now + observer.interval));
        event.map(|event| (observer.router, event))
    }
}

fn tell_levels(id: RtpObserverId, heard: Heard, producers: &Slab<Producer>) -> RouterEvent {
    match heard {
        Heard::Silence => RouterEvent::Silence(id),
        Heard::Volumes(volumes) => {
            let level =
                |(key, volume): (ProducerKey, i8)| AudioLevel { producer_id: producers[key.0].id, volume };
            RouterEvent::AudioLevels(id, volumes.into_iter().map(level).collect())
        }
    }
}

/// Commands. Each has changed nothing where it fails.
impl Engine {
    pub(crate) fn create_observer(
        &mut self,
        router: RouterId,
        id: RtpObserverId,
        options: &RtpObserverOptions,
    ) -> Result<(), ObserverError> {
        if !self.routers.contains_key(&router) {
            return Err(ObserverError::NotFound(id));
        }
        let (method, interval) = match options {
            RtpObserverOptions::AudioLevel(options) => {
                (Method::Levels(AudioLevels::new(options)), options.interval())
            }
            RtpObserverOptions::ActiveSpeaker(options) => {
                (Method::Speakers(Speakers::default()), options.interval())
            }
        };
        let key = self.observers.table.insert(Observer { id, router, paused: false, interval, method });
        self.observers.keys.insert(id, ObserverKey(key));
        Ok(())
    }

    /// Listens to an audio producer of the observer's router. Idempotent.
    pub(crate) fn observe_producer(
        &mut self,
        now: Instant,
        id: RtpObserverId,
        producer: ProducerId,
    ) -> Result<(), ObserverError> {
        let (observer, key) = self.observer_and_producer(id, producer)?;
        let producer = &mut self.producers[key.0];
        if producer.kind() != MediaKind::Audio {
            return Err(ObserverError::NotAudio(producer.id));
        }
        if !producer.observers.contains(&observer) {
            producer.observers.push(observer);
            self.observers.add(now, observer, key, producer.paused);
        }
        Ok(())
    }

    /// Listens to it no more. Idempotent.
    pub(crate) fn unobserve_producer(
        &mut self,
        now: Instant,
        id: RtpObserverId,
        producer: ProducerId,
    ) -> Result<(), ObserverError> {
        let (observer, key) = self.observer_and_producer(id, producer)?;
        let observers = &mut self.producers[key.0].observers;
        if let Some(index) = observers.iter().position(|known| *known == observer) {
            observers.swap_remove(index);
            self.observers.forget(now, observer, key);
        }
        Ok(())
    }

    fn observer_and_producer(
        &self,
        id: RtpObserverId,
        producer: ProducerId,
    ) -> Result<(ObserverKey, ProducerKey), ObserverError> {
        let observer = self.observers.key(id)?;
        let not_found = ObserverError::ProducerNotFound(producer);
        let Some(key) = self.producer_keys.get(&producer).copied() else { return Err(not_found) };
        let router = self.peers[self.producers[key.0].transport.0].router;
        if router == self.observers.table[observer.0].router { Ok((observer, key)) } else { Err(not_found) }
    }

    /// Hears nothing, or goes on. One that measures levels says that it is silent.
    pub(crate) fn pause_observer(
        &mut self,
        now: Instant,
        id: RtpObserverId,
        paused: bool,
    ) -> Result<(), ObserverError> {
        let key = self.observers.key(id)?;
        let observer = &mut self.observers.table[key.0];
        if std::mem::replace(&mut observer.paused, paused) == paused {
            return Ok(());
        }
        let due = (!paused).then(|| now + observer.interval);
        if let Method::Levels(levels) = &mut observer.method
            && levels.reset()
        {
            self.events.push_back((observer.router, RouterEvent::Silence(id)));
        }
        self.observers.deadlines.set(key, due);
        Ok(())
    }

    pub(crate) fn close_observer(&mut self, id: RtpObserverId) {
        if let Ok(key) = self.observers.key(id) {
            for (_, producer) in &mut self.producers {
                producer.observers.retain(|known| *known != key);
            }
            self.observers.remove(key);
        }
    }
}

/// What happens to producers and routers.
impl Engine {
    /// A packet is about to be forwarded.
    pub(super) fn observe_packet(&mut self, now: Instant, key: ProducerKey, packet: &RtpPacket<'_>) {
        let producer = &self.producers[key.0];
        if producer.observers.is_empty() {
            return;
        }
        // The highest bit tells whether the sender takes it for a voice.
        let level = packet.extensions.value(&producer.extensions, Extension::AudioLevel);
        let Some(level) = level.and_then(|value| value.first()) else { return };
        for observer in &producer.observers {
            self.observers.on_level(now, *observer, key, level & 0x7F);
        }
    }

    pub(super) fn observed_producer_paused(&mut self, key: ProducerKey, paused: bool) {
        for observer in &self.producers[key.0].observers {
            self.observers.set_producer_paused(*observer, key, paused);
        }
    }

    /// A producer is gone already.
    pub(super) fn observed_producer_removed(
        &mut self,
        now: Instant,
        key: ProducerKey,
        observers: &[ObserverKey],
    ) {
        for observer in observers {
            self.observers.forget(now, *observer, key);
        }
    }

    /// Its producers are gone already.
    pub(super) fn remove_observers_of(&mut self, router: RouterId) {
        let of_router = self.observers.table.iter().filter(|(_, observer)| observer.router == router);
        for key in of_router.map(|(key, _)| ObserverKey(key)).collect::<Vec<_>>() {
            self.observers.remove(key);
        }
    }

    pub(super) fn look_at_observers(&mut self, now: Instant) {
        while let Some(key) = self.observers.deadlines.pop_due(now) {
            self.events.extend(self.observers.look(now, key, &self.producers));
        }
    }
}

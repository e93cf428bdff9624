//! Who is to be seen: the roster, as it is at one moment.

use super::studio::Caption;
use crate::{
    ids::{ParticipantId, ProducerId},
    media::rtp::MediaKind,
    recording::roster::{RosterEvent, Track},
};

/// Who is there, in order of coming.
#[derive(Debug, Default)]
pub(super) struct Scene {
    participants: Vec<Participant>,
    next_key: u64,
}

#[derive(Debug)]
struct Participant {
    key: u64,
    id: ParticipantId,
    name: String,
    /// With the keys of their own tiles.
    tracks: Vec<(u64, Track)>,
}

/// Somebody or something to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// See [`Tile::key`](super::studio::Tile::key).
    pub(super) key: u64,
    pub(super) is_screen: bool,
    pub(super) caption: Caption,
    /// The track whose pictures are seen; else a card.
    pub(super) video: Option<ProducerId>,
}

impl Scene {
    pub(super) fn apply(&mut self, event: RosterEvent) {
        match event {
            RosterEvent::Joined { participant_id, name } => self.join(participant_id, name),
            RosterEvent::Left { participant_id } => {
                self.participants.retain(|participant| participant.id != participant_id);
            }
            RosterEvent::TrackAdded(track) => self.add(track),
            RosterEvent::TrackPaused { producer_id, paused } => {
                let mut tracks = self.participants.iter_mut().flat_map(|participant| &mut participant.tracks);
                if let Some((_, track)) = tracks.find(|(_, track)| track.producer_id == producer_id) {
                    track.paused = paused;
                }
            }
            RosterEvent::TrackRemoved { producer_id } => {
                for participant in &mut self.participants {
                    participant.tracks.retain(|(_, track)| track.producer_id != producer_id);
                }
            }
        }
    }

    fn join(&mut self, id: ParticipantId, name: String) {
        if let Some(known) = self.participants.iter_mut().find(|participant| participant.id == id) {
            known.name = name;
            return;
        }
        let key = self.new_key();
        self.participants.push(Participant { key, id, name, tracks: Vec::new() });
    }

    fn add(&mut self, track: Track) {
        let key = self.new_key();
        let owner = self.participants.iter_mut().find(|participant| participant.id == track.participant_id);
        if let Some(owner) = owner {
            owner.tracks.push((key, track));
        }
    }

    fn new_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    /// One for everybody who is there, and one for each screen, after its owner.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.participants
            .iter()
            .flat_map(|participant| std::iter::once(participant.own_slot()).chain(participant.screen_slots()))
    }

    /// The tracks that can be heard, each with its participant's key.
    pub(super) fn voices(&self) -> impl Iterator<Item = (u64, Option<ProducerId>)> {
        self.participants.iter().map(|participant| {
            let heard = participant.sending(MediaKind::Audio).next();
            (participant.key, heard.map(|(_, track)| track.producer_id))
        })
    }
}

impl Participant {
    fn sending(&self, kind: MediaKind) -> impl Iterator<Item = &(u64, Track)> {
        self.tracks.iter().filter(move |(_, track)| track.kind == kind && !track.paused)
    }

    fn own_slot(&self) -> Slot {
        let camera = self.sending(MediaKind::Video).find(|(_, track)| !track.is_screen);
        let muted = self.sending(MediaKind::Audio).next().is_none();
        Slot {
            key: self.key,
            is_screen: false,
            caption: Caption { text: self.name.clone(), muted },
            video: camera.map(|(_, track)| track.producer_id),
        }
    }

    fn screen_slots(&self) -> impl Iterator<Item = Slot> {
        self.sending(MediaKind::Video).filter(|(_, track)| track.is_screen).map(|(key, track)| Slot {
            key: *key,
            is_screen: true,
            caption: Caption { text: format!("{} (screen)", self.name), muted: false },
            video: Some(track.producer_id),
        })
    }
}

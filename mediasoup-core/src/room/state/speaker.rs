//! Who is the active speaker, of what the room's observers hear: who dominates, as long as anybody is heard.

use super::{Effect, RoomState};
use crate::{
    ids::ProducerId,
    media::event::AudioLevel,
    room::{
        event::{Audience, RoomEvent},
        info::ActiveSpeaker,
    },
};

/// What the observers said last.
#[derive(Debug, Default)]
pub(super) struct Voices {
    /// Who dominated last; may have fallen silent.
    dominant: Option<ProducerId>,
    /// All who are heard, the loudest first.
    heard: Vec<AudioLevel>,
    /// Whom everyone was told of.
    speaker: Option<AudioLevel>,
}

impl Voices {
    /// Who speaks by what was heard. Where the one who dominates was closed or paused, the loudest does.
    fn speaker(&self) -> Option<AudioLevel> {
        let loudest = self.heard.first()?;
        let Some(dominant) = self.dominant else { return Some(*loudest) };
        let level = self.heard.iter().find(|level| level.producer_id == dominant).copied();
        Some(level.unwrap_or(AudioLevel { producer_id: dominant, volume: SILENCE }))
    }
}

/// dBov of somebody who makes a pause.
const SILENCE: i8 = -127;

impl RoomState {
    pub(super) fn dominant_speaker(&mut self, producer: ProducerId) -> Option<Effect> {
        self.voices.dominant = Some(producer);
        self.tell_speaker()
    }

    pub(super) fn audio_levels(&mut self, mut levels: Vec<AudioLevel>) -> Option<Effect> {
        // What was said of a producer that is closed or paused by now is not true any more.
        levels.retain(|level| self.producers.get(&level.producer_id).is_some_and(|known| !known.info.paused));
        self.voices.heard = levels;
        self.tell_speaker()
    }

    /// A producer is closed or paused: it says nothing.
    pub(super) fn hush(&mut self, producer: ProducerId) -> Option<Effect> {
        self.voices.dominant = self.voices.dominant.filter(|dominant| *dominant != producer);
        self.voices.heard.retain(|level| level.producer_id != producer);
        self.tell_speaker()
    }

    /// Tells everyone who speaks, where it is somebody else.
    fn tell_speaker(&mut self) -> Option<Effect> {
        let speaker = self.voices.speaker().filter(|level| self.producers.contains_key(&level.producer_id));
        let told = std::mem::replace(&mut self.voices.speaker, speaker);
        let is_news = told.map(|told| told.producer_id) != speaker.map(|speaker| speaker.producer_id);
        is_news.then(|| Effect::Tell(Audience::Everyone, RoomEvent::ActiveSpeaker(self.active_speaker())))
    }

    pub(super) fn active_speaker(&self) -> Option<ActiveSpeaker> {
        let AudioLevel { producer_id, volume } = self.voices.speaker?;
        let participant_id = self.producers.get(&producer_id)?.info.participant_id.clone();
        Some(ActiveSpeaker { participant_id, producer_id, volume })
    }
}

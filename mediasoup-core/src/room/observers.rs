//! What a room's router is listened to with.

use std::num::NonZeroU16;

use crate::media::{
    Producer, Router, RtpObserver,
    error::ObserverError,
    options::{ActiveSpeakerObserverOptions, AudioLevelObserverOptions},
};

/// dBov; a microphone in a quiet room is below it, a low voice above.
const THRESHOLD: i8 = -60;
/// ms that levels are averaged over: longer than the pauses between words, and short enough to be told in time.
const INTERVAL: u16 = 500;

/// Who speaks in a room, and whether anybody does.
#[derive(Debug)]
pub(super) struct Observers {
    levels: RtpObserver,
    speakers: RtpObserver,
}

impl Observers {
    pub(super) async fn open(router: &Router) -> Result<Self, ObserverError> {
        let mut levels = AudioLevelObserverOptions::default();
        (levels.max_entries, levels.threshold, levels.interval) = (NonZeroU16::MAX, THRESHOLD, INTERVAL);
        Ok(Self {
            levels: router.create_audio_level_observer(levels).await?,
            speakers: router.create_active_speaker_observer(ActiveSpeakerObserverOptions::default()).await?,
        })
    }

    /// Listens to an audio producer, until it closes.
    pub(super) async fn add(&self, producer: &Producer) -> Result<(), ObserverError> {
        self.levels.add_producer(producer).await?;
        self.speakers.add_producer(producer).await
    }
}

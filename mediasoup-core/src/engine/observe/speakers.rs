//! Who of several speaks: the one in whose favour the scores over all three lengths of time are
//! ([`Speaker`]), as mediasoup's `ActiveSpeakerObserver` does it.

use std::{collections::BTreeMap, time::Instant};

use super::{super::keys::ProducerKey, speaker::Speaker};

/// By how much the logarithms of a challenger's scores must exceed those of who speaks.
const LEADS: [f64; 3] = [3.0, 2.0, 0.0];

/// All who may speak, and who does.
#[derive(Debug, Default)]
pub(super) struct Speakers {
    speakers: BTreeMap<ProducerKey, Speaker>,
    dominant: Option<ProducerKey>,
}

impl Speakers {
    pub(super) fn add(&mut self, now: Instant, producer: ProducerKey, paused: bool) {
        self.speakers.insert(producer, Speaker::new(now, paused));
    }

    pub(super) fn remove(&mut self, producer: ProducerKey) {
        self.speakers.remove(&producer);
        self.dominant = self.dominant.filter(|dominant| *dominant != producer);
    }

    pub(super) fn set_paused(&mut self, producer: ProducerKey, paused: bool) {
        if let Some(speaker) = self.speakers.get_mut(&producer) {
            speaker.paused = paused;
        }
    }

    /// A packet with this level, 0 (loudest) to 127 (silence).
    pub(super) fn on_level(&mut self, now: Instant, producer: ProducerKey, level: u8) {
        if let Some(speaker) = self.speakers.get_mut(&producer) {
            speaker.on_level(now, 127 - level.min(127));
        }
    }

    /// Whether another look is due though nothing comes: somebody was heard a moment ago.
    pub(super) fn is_audible(&self) -> bool {
        !self.speakers.values().all(Speaker::is_silent)
    }

    /// Looks who speaks. `None`: who did.
    pub(super) fn take(&mut self, now: Instant) -> Option<ProducerKey> {
        for speaker in self.speakers.values_mut() {
            speaker.on_timeout(now);
            speaker.evaluate();
        }
        let next = self.next_dominant()?;
        (self.dominant.replace(next) != Some(next)).then_some(next)
    }

    fn next_dominant(&self) -> Option<ProducerKey> {
        let current = match self.dominant {
            Some(dominant) if self.speakers.len() > 1 => dominant,
            // Somebody is better than nobody.
            _ => *self.speakers.keys().next()?,
        };
        let against = self.speakers.get(&current)?.scores;
        let mut next = (current, LEADS[1]);
        for (producer, speaker) in self.speakers.iter().filter(|(_, speaker)| !speaker.paused) {
            let lead: [f64; 3] =
                std::array::from_fn(|length| (speaker.scores[length] / against[length]).ln());
            if lead.iter().zip(LEADS).all(|(lead, least)| *lead > least) && lead[1] > next.1 {
                next = (*producer, lead[1]);
            }
        }
        Some(next.0)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use std::time::Duration;

    use super::*;

    const A: ProducerKey = ProducerKey(1);
    const B: ProducerKey = ProducerKey(2);
    const C: ProducerKey = ProducerKey(3);
    /// A quiet room.
    const SILENCE: u8 = 110;
    const VOICE: u8 = 25;

    struct Call {
        now: Instant,
        speakers: Speakers,
    }

    impl Call {
        fn of(producers: &[ProducerKey]) -> Self {
            let now = Instant::now();
            let mut speakers = Speakers::default();
            producers.iter().for_each(|producer| speakers.add(now, *producer, false));
            Self { now, speakers }
        }

        /// Everyone sends a packet every 20 ms with their level, and it is looked every 300 ms. Gives who came to dominate.
        fn pass(&mut self, ms: u64, levels: &[(ProducerKey, u8)]) -> Vec<ProducerKey> {
            let mut changes = Vec::new();
            for step in 1..=ms / 20 {
                self.now += Duration::from_millis(20);
                for (producer, level) in levels {
                    self.speakers.on_level(self.now, *producer, *level);
                }
                if step % 15 == 0 {
                    changes.extend(self.speakers.take(self.now));
                }
            }
            changes
        }
    }

    #[test]
    fn the_only_one_dominates() {
        let mut call = Call::of(&[A]);
        assert_eq!(call.pass(600, &[(A, SILENCE)]), [A]);
    }

    #[test]
    fn who_speaks_dominates_until_another_does() {
        let mut call = Call::of(&[A, B, C]);
        assert_eq!(call.pass(3_000, &[(A, SILENCE), (B, SILENCE), (C, SILENCE)]), [A]);
        assert_eq!(call.pass(3_000, &[(A, SILENCE), (B, VOICE), (C, SILENCE)]), [B]);
        assert_eq!(
            call.pass(3_000, &[(A, SILENCE), (B, SILENCE), (C, SILENCE)]),
            [],
            "a pause changes nothing"
        );
        assert_eq!(call.pass(3_000, &[(A, SILENCE), (B, SILENCE), (C, VOICE)]), [C]);
    }

    #[test]
    fn who_speaks_is_not_displaced_by_a_click_or_by_talking_as_loud() {
        let mut call = Call::of(&[A, B]);
        call.pass(600, &[(A, SILENCE), (B, SILENCE)]);
        call.pass(3_000, &[(A, VOICE), (B, SILENCE)]);
        assert_eq!(call.pass(60, &[(A, VOICE), (B, 5)]), []);
        assert_eq!(call.pass(3_000, &[(A, VOICE), (B, VOICE)]), []);
    }

    #[test]
    fn a_noisy_microphone_does_not_speak() {
        let mut call = Call::of(&[A, B]);
        assert_eq!(call.pass(6_000, &[(A, SILENCE), (B, 60)]), [A]);
    }

    #[test]
    fn who_stops_sending_is_silent_and_who_goes_is_followed() {
        let mut call = Call::of(&[A, B]);
        call.pass(3_000, &[(A, VOICE), (B, SILENCE)]);
        assert_eq!(call.pass(3_000, &[(B, VOICE)]), [B]);
        call.speakers.remove(B);
        assert_eq!(call.speakers.take(call.now), Some(A));
        call.speakers.remove(A);
        assert_eq!(call.speakers.take(call.now), None);
    }

    #[test]
    fn who_is_paused_does_not_dominate() {
        let mut call = Call::of(&[A, B]);
        call.speakers.set_paused(B, true);
        assert_eq!(call.pass(3_000, &[(A, SILENCE), (B, VOICE)]), [A]);
    }
}

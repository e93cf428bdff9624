//! Who speaks.

use std::{collections::BTreeMap, time::Duration};

/// Chooses the one to be seen large: whoever is loudest, for long enough.
#[derive(Debug, Default)]
pub(super) struct ActiveSpeaker {
    /// By key: how loud lately.
    levels: BTreeMap<u64, f32>,
    current: Option<u64>,
    /// Who else is louder, and for how long.
    challenger: Option<(u64, Duration)>,
}

impl ActiveSpeaker {
    /// How long somebody else must be louder.
    const PATIENCE: Duration = Duration::from_millis(1500);
    /// Seconds in which the past is forgotten: longer than the pauses between words.
    const MEMORY: f32 = 0.5;
    /// Mean absolute sample value, about -44 dB: less is no speech.
    const SPEECH: f32 = 200.0;
    /// How much louder somebody else must be.
    const LOUDER: f32 = 1.5;

    /// How loud everybody who is there was in the last `elapsed`.
    pub(super) fn hear(&mut self, elapsed: Duration, heard: &[(u64, f32)]) {
        let weight = (elapsed.as_secs_f32() / Self::MEMORY).min(1.0);
        self.levels.retain(|key, _| heard.iter().any(|(there, _)| there == key));
        for (key, level) in heard {
            let smooth = self.levels.entry(*key).or_default();
            *smooth += (level - *smooth) * weight;
        }
        self.current = self.current.filter(|current| self.levels.contains_key(current));
        let loudest = self.levels.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(key, level)| (*key, *level));
        let Some((key, _)) = loudest.filter(|(key, level)| self.is_challenge(*key, *level)) else {
            self.challenger = None;
            return;
        };
        let before = self.challenger.filter(|(challenger, _)| *challenger == key);
        let lasted = before.map_or(Duration::ZERO, |(_, lasted)| lasted) + elapsed;
        let wins = self.current.is_none() || lasted >= Self::PATIENCE;
        self.challenger = (!wins).then_some((key, lasted));
        self.current = if wins { Some(key) } else { self.current };
    }

    fn is_challenge(&self, key: u64, level: f32) -> bool {
        let current = self.current.and_then(|current| self.levels.get(&current)).copied().unwrap_or(0.0);
        self.current != Some(key) && level >= Self::SPEECH && level > current * Self::LOUDER
    }

    /// Whoever spoke last; `None` before anybody did.
    pub(super) fn current(&self) -> Option<u64> {
        self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(33);

    fn hear(speaker: &mut ActiveSpeaker, frames: u32, heard: &[(u64, f32)]) -> Option<u64> {
        for _ in 0..frames {
            speaker.hear(FRAME, heard);
        }
        speaker.current()
    }

    #[test]
    fn changes_when_somebody_else_goes_on_speaking() {
        let mut speaker = ActiveSpeaker::default();
        assert_eq!(hear(&mut speaker, 30, &[(1, 10.0), (2, 10.0)]), None);
        assert_eq!(hear(&mut speaker, 30, &[(1, 3000.0), (2, 10.0)]), Some(1));
        // A cough.
        assert_eq!(hear(&mut speaker, 20, &[(1, 10.0), (2, 8000.0)]), Some(1));
        assert_eq!(hear(&mut speaker, 60, &[(1, 3000.0), (2, 10.0)]), Some(1));
        assert_eq!(hear(&mut speaker, 60, &[(1, 10.0), (2, 3000.0)]), Some(2));
        // Silence changes nothing; going does.
        assert_eq!(hear(&mut speaker, 300, &[(1, 10.0), (2, 10.0)]), Some(2));
        assert_eq!(hear(&mut speaker, 1, &[(1, 10.0)]), None);
    }
}

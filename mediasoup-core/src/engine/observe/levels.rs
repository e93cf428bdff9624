//! Who is loud: levels averaged over an interval, as mediasoup's `AudioLevelObserver` does it.

use std::{cmp::Reverse, collections::BTreeMap};

use super::super::keys::ProducerKey;
use crate::media::options::AudioLevelObserverOptions;

/// Fewer packets than this in an interval say nothing.
const PACKETS_MIN: u32 = 10;

/// What came of one producer since the last look.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// Of RFC 6464 levels, -dBov.
    levels: u32,
    packets: u32,
}

/// What an interval was like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// These, in dBov, the loudest first.
    Volumes(Vec<(ProducerKey, i8)>),
    /// Nobody any more.
    Silence,
}

/// Levels of producers between two looks.
#[derive(Debug)]
pub(super) struct AudioLevels {
    max_entries: usize,
    threshold: i8,
    sums: BTreeMap<ProducerKey, Sum>,
    silent: bool,
}

impl AudioLevels {
    pub(super) fn new(options: &AudioLevelObserverOptions) -> Self {
        Self {
            max_entries: options.max_entries.get().into(),
            threshold: options.threshold,
            sums: BTreeMap::new(),
            silent: true,
        }
    }

    pub(super) fn add(&mut self, producer: ProducerKey) {
        self.sums.insert(producer, Sum::default());
    }

    pub(super) fn remove(&mut self, producer: ProducerKey) {
        self.sums.remove(&producer);
    }

    /// A packet with this level, 0 (loudest) to 127 (silence).
    pub(super) fn on_level(&mut self, producer: ProducerKey, level: u8) {
        if let Some(sum) = self.sums.get_mut(&producer) {
            sum.levels += u32::from(level);
            sum.packets += 1;
        }
    }

    /// Whether another look is due though nothing comes: somebody was heard.
    pub(super) fn is_audible(&self) -> bool {
        !self.silent
    }

    /// The interval is over. `None`: it is as silent as it was.
    pub(super) fn take(&mut self) -> Option<Heard> {
        let mut volumes: Vec<_> = self
            .sums
            .iter_mut()
            .filter_map(|(producer, sum)| Some((*producer, volume(std::mem::take(sum))?)))
            .filter(|(_, volume)| *volume >= self.threshold)
            .collect();
        volumes.sort_by_key(|(_, volume)| Reverse(*volume));
        volumes.truncate(self.max_entries);
        let was_silent = std::mem::replace(&mut self.silent, volumes.is_empty());
        match (self.silent, was_silent) {
            (false, _) => Some(Heard::Volumes(volumes)),
            (true, false) => Some(Heard::Silence),
            (true, true) => None,
        }
    }

    /// Forgets what came. Gives whether somebody was heard before.
    pub(super) fn reset(&mut self) -> bool {
        self.sums.values_mut().for_each(|sum| *sum = Sum::default());
        !std::mem::replace(&mut self.silent, true)
    }
}

/// dBov on average.
fn volume(sum: Sum) -> Option<i8> {
    let average = sum.levels.checked_div(sum.packets).filter(|_| sum.packets >= PACKETS_MIN)?;
    i8::try_from(average).ok().map(std::ops::Neg::neg)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ProducerKey = ProducerKey(1);
    const B: ProducerKey = ProducerKey(2);

    fn levels(max_entries: u16) -> AudioLevels {
        let mut options = AudioLevelObserverOptions::default();
        options.max_entries = max_entries.try_into().unwrap();
        let mut levels = AudioLevels::new(&options);
        levels.add(A);
        levels.add(B);
        levels
    }

    fn speak(levels: &mut AudioLevels, producer: ProducerKey, level: u8, packets: usize) {
        (0..packets).for_each(|_| levels.on_level(producer, level));
    }

    #[test]
    fn the_loudest_come_first_and_no_more_than_asked_for() {
        for (max_entries, expected) in [(1, vec![(B, -20)]), (9, vec![(B, -20), (A, -40)])] {
            let mut levels = levels(max_entries);
            speak(&mut levels, A, 40, 50);
            speak(&mut levels, B, 20, 50);
            assert_eq!(levels.take(), Some(Heard::Volumes(expected)));
        }
    }

    #[test]
    fn too_few_packets_or_too_low_a_level_is_silence() {
        let mut levels = levels(9);
        speak(&mut levels, A, 10, 9);
        speak(&mut levels, B, 81, 50);
        assert_eq!(levels.take(), None);
        speak(&mut levels, A, 10, 10);
        assert_eq!(levels.take(), Some(Heard::Volumes(vec![(A, -10)])));
        assert_eq!(levels.take(), Some(Heard::Silence));
        assert_eq!(levels.take(), None);
    }

    #[test]
    fn the_average_counts() {
        let mut levels = levels(1);
        speak(&mut levels, A, 0, 5);
        speak(&mut levels, A, 127, 5);
        assert_eq!(levels.take(), Some(Heard::Volumes(vec![(A, -63)])));
    }

    #[test]
    fn who_was_taken_away_is_not_heard() {
        let mut levels = levels(1);
        speak(&mut levels, A, 10, 50);
        levels.remove(A);
        speak(&mut levels, A, 10, 50);
        assert_eq!(levels.take(), None);
    }
}

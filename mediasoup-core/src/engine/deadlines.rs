//! When which transport, or observer, wants to be called.

use std::{collections::BTreeSet, time::Instant};

use super::keys::Key;

/// One deadline a key, ordered by time.
#[derive(Debug)]
pub(crate) struct Deadlines<K> {
    by_time: BTreeSet<(Instant, K)>,
    by_key: Vec<Option<Instant>>,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self { by_time: BTreeSet::new(), by_key: Vec::new() }
    }
}

impl<K: Key> Deadlines<K> {
    /// Sets a key's deadline, whatever it was.
    pub(crate) fn set(&mut self, key: K, at: Option<Instant>) {
        let place = key.place();
        if self.by_key.len() <= place {
            self.by_key.resize(place + 1, None);
        }
        if let Some(old) = std::mem::replace(&mut self.by_key[place], at) {
            self.by_time.remove(&(old, key));
        }
        if let Some(at) = at {
            self.by_time.insert((at, key));
        }
    }

    /// Makes a key's deadline `at` where it is later than that, or none.
    pub(crate) fn sooner(&mut self, key: K, at: Instant) {
        let known = self.by_key.get(key.place()).copied().flatten();
        if known.is_none_or(|known| at < known) {
            self.set(key, Some(at));
        }
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the key that has waited longest, if its time has come.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<K> {
        let (at, key) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.set(key, None);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a start for virtual time")]
    use std::time::Duration;

    use super::{super::keys::TransportKey, *};

    #[test]
    fn the_earliest_first_and_each_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut deadlines = Deadlines::default();
        deadlines.set(TransportKey(3), Some(at(30)));
        deadlines.set(TransportKey(1), Some(at(20)));
        deadlines.sooner(TransportKey(3), at(10));
        deadlines.sooner(TransportKey(1), at(25));
        assert_eq!(deadlines.next(), Some(at(10)));
        assert_eq!(deadlines.pop_due(at(9)), None);
        assert_eq!(deadlines.pop_due(at(20)), Some(TransportKey(3)));
        assert_eq!(deadlines.pop_due(at(20)), Some(TransportKey(1)));
        assert_eq!(deadlines.pop_due(at(99)), None);
    }
}

//! Packet indices: extending 16-bit sequence numbers and refusing what was seen (RFC 3711 §3.3.1, §3.3.2).

const WINDOW_BITS: u64 = 1024;
const WORD_BITS: u64 = 64;
const WORDS: usize = (WINDOW_BITS / WORD_BITS) as usize;

/// The first index SRTP may not reach: 32 bits of roll-over counter, 16 of sequence number.
const INDEX_END: u64 = 1 << 48;

/// Which of the latest 1,024 indices of a stream have been used.
pub(super) struct ReplayWindow {
    highest: u64,
    /// Bit `i % 1024` stands for index `i`, for the 1,024 indices up to `highest`.
    used: [u64; WORDS],
}

impl ReplayWindow {
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(super) fn touch(&self) -> u64 {
        self.highest ^ self.used[0] ^ self.used[WORDS / 2]
    }

    /// A window in which `index` is used, and nothing before it.
    pub(super) fn starting_at(index: u64) -> Self {
        let mut window = Self { highest: index, used: [0; WORDS] };
        window.mark(index);
        window
    }

    /// Whether `index` was not used and is young enough to tell.
    pub(super) fn is_fresh(&self, index: u64) -> bool {
        if index > self.highest {
            return true;
        }
        self.highest - index < WINDOW_BITS && self.used[Self::word(index)] & Self::bit(index) == 0
    }

    /// Uses `index`. To be called for fresh indices only, and only once they are authenticated.
    pub(super) fn accept(&mut self, index: u64) {
        if index > self.highest {
            if index - self.highest >= WINDOW_BITS {
                self.used = [0; WORDS];
            } else {
                for skipped in self.highest + 1..index {
                    self.used[Self::word(skipped)] &= !Self::bit(skipped);
                }
            }
            self.highest = index;
        }
        self.mark(index);
    }

    /// The index of the packet that carries `sequence_number`: the one nearest to the highest so far.
    /// `None` if that lies before the first or after the last index there can be.
    pub(super) fn estimate(&self, sequence_number: u16) -> Option<u64> {
        // The difference modulo 2^16, read as signed, is the shortest way from one to the other.
        let highest = self.highest as u16;
        let step = i64::from(sequence_number.wrapping_sub(highest) as i16);
        self.highest.checked_add_signed(step).filter(|index| *index < INDEX_END)
    }

    fn mark(&mut self, index: u64) {
        self.used[Self::word(index)] |= Self::bit(index);
    }

    fn word(index: u64) -> usize {
        (index / WORD_BITS) as usize % WORDS
    }

    fn bit(index: u64) -> u64 {
        1 << (index % WORD_BITS)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_index_is_fresh_once() {
        let mut window = ReplayWindow::starting_at(5);
        assert!(!window.is_fresh(5));
        assert!(window.is_fresh(4));
        assert!(window.is_fresh(6));
        window.accept(6);
        assert!(!window.is_fresh(6));
        window.accept(4);
        assert!(!window.is_fresh(4));
    }

    #[test]
    fn an_index_older_than_the_window_is_not_fresh() {
        let mut window = ReplayWindow::starting_at(0);
        window.accept(WINDOW_BITS);
        assert!(!window.is_fresh(0));
        assert!(window.is_fresh(1));
    }

    #[test]
    fn a_jump_forgets_nothing_it_should_know() {
        let mut window = ReplayWindow::starting_at(10);
        window.accept(10 + WINDOW_BITS - 1);
        assert!(!window.is_fresh(10));
        assert!(window.is_fresh(11));
        window.accept(1_000_000);
        assert!(!window.is_fresh(1_000_000));
        assert!(window.is_fresh(999_999));
    }

    #[test]
    fn a_sequence_number_is_extended_to_the_nearest_index() {
        let window = ReplayWindow::starting_at(0x1_0003);
        assert_eq!(window.estimate(4), Some(0x1_0004));
        assert_eq!(window.estimate(0xffff), Some(0xffff));
        assert_eq!(window.estimate(0x8003), Some(0x8003));
        assert_eq!(window.estimate(0x8002), Some(0x1_8002));
        assert_eq!(ReplayWindow::starting_at(3).estimate(0xffff), None);
        assert_eq!(ReplayWindow::starting_at(INDEX_END - 1).estimate(0), None);
    }

    proptest! {
        #[test]
        fn the_window_agrees_with_a_set(indices in prop::collection::vec(0_u64..5_000, 1..400)) {
            let mut seen = std::collections::BTreeSet::from([indices[0]]);
            let mut window = ReplayWindow::starting_at(indices[0]);
            for index in indices {
                let highest = *seen.last().expect("it is never empty");
                let fresh = !seen.contains(&index) && index + WINDOW_BITS > highest;
                prop_assert_eq!(window.is_fresh(index), fresh);
                if fresh {
                    window.accept(index);
                    seen.insert(index);
                }
            }
        }
    }
}

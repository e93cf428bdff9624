//! What is missing of a numbered stream.

/// Counts one stream's packets by their sequence numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Received {
    /// First and highest number, on a line that does not wrap.
    span: Option<(u64, u64)>,
    packets: u64,
    /// What was told by the last report.
    reported: (u64, u64),
}

impl Received {
    pub(crate) fn on(&mut self, sequence: u16) {
        self.packets += 1;
        let Some((first, highest)) = &mut self.span else {
            // A full turn above zero: what comes late may be below it.
            let start = 0x1_0000 + u64::from(sequence);
            self.span = Some((start, start));
            return;
        };
        let unwrapped = unwrap(*highest, sequence);
        *highest = unwrapped.max(*highest);
        *first = unwrapped.min(*first);
    }

    /// How many there should be, from the first to the last that came.
    pub(crate) fn expected(&self) -> u64 {
        self.span.map_or(0, |(first, highest)| highest - first + 1)
    }

    /// How many of them did not come.
    pub(crate) fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.packets)
    }

    /// As a receiver report has it.
    pub(crate) fn highest(&self) -> u32 {
        self.span.map_or(0, |(_, highest)| highest as u32)
    }

    /// 1/256 of what was expected since this was last asked.
    pub(crate) fn fraction_lost(&mut self) -> u8 {
        let now = (self.expected(), self.lost());
        let before = std::mem::replace(&mut self.reported, now);
        let expected = now.0.saturating_sub(before.0);
        (256 * now.1.saturating_sub(before.1)).checked_div(expected).map_or(0, |part| part.min(255) as u8)
    }
}

/// The number on the line that is nearest to `near`.
pub(crate) fn unwrap(near: u64, sequence: u16) -> u64 {
    let ahead = sequence.wrapping_sub(near as u16).cast_signed();
    near.saturating_add_signed(i64::from(ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(numbers: impl IntoIterator<Item = u16>) -> Received {
        let mut received = Received::default();
        numbers.into_iter().for_each(|number| received.on(number));
        received
    }

    #[test]
    fn nothing_is_lost_of_what_is_whole_whatever_the_order() {
        assert_eq!(received([]).expected(), 0);
        for numbers in [[5, 6, 7, 8], [6, 5, 8, 7], [65_534, 65_535, 0, 1], [0, 65_535, 1, 65_534]] {
            let received = received(numbers);
            assert_eq!((received.expected(), received.lost()), (4, 0), "{numbers:?}");
        }
    }

    #[test]
    fn gaps_are_lost_over_many_turns() {
        let numbers = (0..200_000_u32).filter(|number| number % 1000 != 999).map(|number| number as u16);
        let received = received(numbers);
        // The last gap is at the end: nobody knows of it.
        assert_eq!((received.expected(), received.lost()), (199_999, 199));
    }

    #[test]
    fn a_report_speaks_of_what_came_since_the_last() {
        let mut received = received([1, 2, 4]);
        assert_eq!(received.fraction_lost(), 64);
        received.on(5);
        assert_eq!(received.fraction_lost(), 0);
        assert_eq!(received.fraction_lost(), 0);
    }
}

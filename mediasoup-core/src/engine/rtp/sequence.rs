//! Sequence numbers: onto a line that does not wrap, and from a producer's line to a consumer's.

use std::collections::VecDeque;

/// Puts 16-bit sequence numbers on a 64-bit line, each nearest to the newest before it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unwrapper {
    newest: Option<u64>,
}

impl Unwrapper {
    /// Starts one turn up, so that packets older than the first have a place too.
    const START: u64 = 1 << 16;

    pub(crate) fn unwrap(&mut self, sequence_number: u16) -> u64 {
        let Some(newest) = self.newest else {
            let first = Self::START + u64::from(sequence_number);
            self.newest = Some(first);
            return first;
        };
        let value = Self::near(newest, sequence_number);
        self.newest = Some(newest.max(value));
        value
    }

    /// The sender began anew: goes on above everything so far.
    pub(crate) fn restart(&mut self, sequence_number: u16) -> u64 {
        let above = self.newest.map_or(Self::START, |newest| newest + (1 << 16));
        let first = (above & !0xFFFF) | u64::from(sequence_number);
        self.newest = Some(first);
        first
    }

    /// The number on the line nearest to `reference`.
    pub(crate) fn near(reference: u64, sequence_number: u16) -> u64 {
        let step = sequence_number.wrapping_sub(reference as u16).cast_signed();
        reference.wrapping_add_signed(i64::from(step))
    }
}

/// Runs of numbers forwarded with the same shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// First number of the run, on the producer's line.
    start: u64,
    /// First number after it; `u64::MAX` while it is the last run.
    end: u64,
    /// Added (wrapping) to get the consumer's line.
    shift: u64,
}

/// Maps a producer's line to a consumer's, without a gap where packets were left out on purpose, and back again for
/// retransmissions. Holds the newest [`SequenceMap::RUNS_MAX`] runs: an older packet is too old to be forwarded.
#[derive(Clone, Debug)]
pub(crate) struct SequenceMap {
    runs: VecDeque<Run>,
    /// The consumer's next number, were the stream to go on elsewhere.
    next_output: u64,
    /// The newest number mapped or left out, on the producer's line.
    newest: u64,
}

impl SequenceMap {
    /// See [`Peer::touch`](crate::engine::peer::Peer::touch).
    pub(crate) fn touch(&self) -> u64 {
        self.newest ^ self.runs.back().map_or(0, |run| run.shift)
    }

    const RUNS_MAX: usize = 256;

    /// The consumer's first number will be `first_output`.
    pub(crate) fn new(first_output: u16) -> Self {
        Self { runs: VecDeque::new(), next_output: Unwrapper::START + u64::from(first_output), newest: 0 }
    }

    /// The consumer's next number, were the stream to go on elsewhere.
    pub(crate) fn next_output(&self) -> u16 {
        self.next_output as u16
    }

    /// From `input` on, numbers follow on the consumer's newest; what is older than `input` is not forwarded any more.
    pub(crate) fn resume_at(&mut self, input: u64) {
        self.open(input);
        self.newest = input.saturating_sub(1);
    }

    fn open(&mut self, start: u64) {
        let end = self.newest + 1;
        self.close_run(end);
        self.push_run(Run { start, end: u64::MAX, shift: self.next_output.wrapping_sub(start) });
    }

    /// Ends the last run, or forgets it where nothing is in it.
    fn close_run(&mut self, end: u64) {
        let Some(last) = self.runs.back_mut() else { return };
        last.end = last.end.min(end);
        if last.end <= last.start {
            self.runs.pop_back();
        }
    }

    fn push_run(&mut self, run: Run) {
        if self.runs.len() == Self::RUNS_MAX {
            self.runs.pop_front();
        }
        self.runs.push_back(run);
    }

    /// Leaves a packet out, without a gap where it is the newest. Gives the number that was kept for an older one: it is
    /// missed until something comes under it.
    pub(crate) fn leave_out(&mut self, input: u64) -> Option<u64> {
        let last = *self.runs.back()?;
        if input <= self.newest {
            return self.find(input);
        }
        // What is missing before it keeps its place.
        self.next_output = self.next_output.max(input.wrapping_add(last.shift));
        self.close_run(input);
        self.push_run(Run { start: input + 1, end: u64::MAX, shift: last.shift.wrapping_sub(1) });
        self.newest = input;
        None
    }

    /// The consumer's number for a packet that has one, on its line.
    pub(crate) fn find(&self, input: u64) -> Option<u64> {
        let run = self.runs.iter().rev().find(|run| (run.start..run.end).contains(&input))?;
        Some(input.wrapping_add(run.shift))
    }

    /// The consumer's number for a packet, on its line.
    pub(crate) fn map(&mut self, input: u64) -> Option<u64> {
        let output = self.find(input)?;
        self.newest = self.newest.max(input);
        self.next_output = self.next_output.max(output + 1);
        Some(output)
    }

    /// The packet that was forwarded under this number.
    pub(crate) fn map_back(&self, sequence_number: u16) -> Option<(u64, u64)> {
        let output = Unwrapper::near(self.next_output.checked_sub(1)?, sequence_number);
        self.runs.iter().rev().find_map(|run| {
            let input = output.wrapping_sub(run.shift);
            (run.start..run.end).contains(&input).then_some((input, output))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwraps_forward_and_back_over_the_turn() {
        let mut unwrapper = Unwrapper::default();
        let first = unwrapper.unwrap(65_534);
        assert_eq!(unwrapper.unwrap(1), first + 3);
        assert_eq!(unwrapper.unwrap(65_535), first + 1);
        assert_eq!(unwrapper.unwrap(2), first + 4);
        assert_eq!(unwrapper.unwrap(65_000), first - 534);
    }

    #[test]
    fn a_restart_goes_on_above() {
        let mut unwrapper = Unwrapper::default();
        let before = unwrapper.unwrap(40_000);
        let after = unwrapper.restart(7);
        assert!(after > before);
        assert_eq!(after as u16, 7);
        assert_eq!(unwrapper.unwrap(8), after + 1);
    }

    #[test]
    fn what_is_left_out_leaves_no_gap() {
        let mut map = SequenceMap::new(10);
        assert_eq!(map.map(100), None, "nothing before the first key frame");
        map.resume_at(100);
        let base = map.map(100).unwrap();
        assert_eq!(base as u16, 10);
        assert_eq!(map.map(101), Some(base + 1));
        assert_eq!(map.leave_out(102), None);
        assert_eq!(map.map(102), None);
        assert_eq!(map.map(103), Some(base + 2));
        assert_eq!(map.map(105), Some(base + 4), "a lost packet keeps its place");
        assert_eq!(map.map(104), Some(base + 3), "and may still come");
        assert_eq!(map.leave_out(104), Some(base + 3), "too late to leave out");
        assert_eq!(map.map(106), Some(base + 5));
    }

    #[test]
    fn what_is_missing_before_what_is_left_out_keeps_its_place() {
        let mut map = SequenceMap::new(10);
        map.resume_at(100);
        let base = map.map(100).unwrap();
        assert_eq!(map.leave_out(103), None);
        assert_eq!(map.leave_out(104), None);
        assert_eq!(map.map(105), Some(base + 3));
        assert_eq!((map.map(101), map.map(102)), (Some(base + 1), Some(base + 2)));
        assert_eq!((map.map(103), map.map(104)), (None, None));
        assert_eq!(map.next_output(), (base + 4) as u16);
        assert_eq!(map.runs.len(), 2, "what was left out together ends one run");
    }

    #[test]
    fn going_on_elsewhere_leaves_room_for_what_is_missing() {
        let mut map = SequenceMap::new(10);
        map.resume_at(100);
        map.map(100);
        map.leave_out(103);
        assert_eq!(map.next_output(), 13);
    }

    #[test]
    fn resuming_goes_on_without_a_gap() {
        let mut map = SequenceMap::new(65_535);
        map.resume_at(100);
        assert_eq!(map.map(100).map(|output| output as u16), Some(65_535));
        map.resume_at(500);
        assert_eq!(map.map(499), None);
        assert_eq!(map.map(101), None, "of before the pause");
        assert_eq!(map.map(500).map(|output| output as u16), Some(0));
    }

    #[test]
    fn maps_back_to_what_was_forwarded() {
        let mut map = SequenceMap::new(1000);
        map.resume_at(10);
        for input in 10..20 {
            map.map(input);
        }
        map.leave_out(20);
        map.map(21);
        assert_eq!(map.map_back(1009).map(|(input, _)| input), Some(19));
        assert_eq!(map.map_back(1010).map(|(input, _)| input), Some(21));
        assert_eq!(map.map_back(999), None);
    }

    #[test]
    fn holds_a_bounded_number_of_runs() {
        let mut map = SequenceMap::new(0);
        map.resume_at(1);
        for input in (1..10_000_u64).step_by(2) {
            map.map(input);
            map.leave_out(input + 1);
        }
        assert_eq!(map.runs.len(), SequenceMap::RUNS_MAX);
        assert_eq!(map.map(10_001).map(|output| output as u16), Some(5_000));
    }
}

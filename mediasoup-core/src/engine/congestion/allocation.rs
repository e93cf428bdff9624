//! Sharing what a path carries among a viewer's video, pure: each consumer's layers with what they cost, in; a layer for
//! each, out.

/// A step that is taken only with so much to spare: what was measured a second ago is not what comes next.
const MARGIN: f64 = 1.10;
/// A step that is kept although it is too dear by this: a cut takes the estimate below what the path carries, and each change
/// costs a key frame.
const KEPT: f64 = 1.15;

/// A layer a consumer can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step<L> {
    pub(crate) layer: L,
    /// bit/s of the layer with all that it depends on.
    pub(crate) bitrate: u64,
}

/// One consumer's share.
#[derive(Clone, Debug)]
pub(crate) struct Claim<L> {
    /// The higher, the more it gets.
    pub(crate) priority: u8,
    /// What it wants, ascending by bitrate; not empty.
    pub(crate) steps: Vec<Step<L>>,
    /// The number of steps it has now.
    pub(crate) has: usize,
    /// The number of steps it is to have.
    pub(crate) gets: usize,
}

/// What came of sharing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    /// bit/s given out.
    pub(crate) used: u64,
    /// bit/s that would allow the next step; `None`: everybody has all.
    pub(crate) next: Option<u64>,
}

impl<L> Claim<L> {
    /// bit/s of this many steps.
    pub(crate) fn cost(&self, steps: usize) -> u64 {
        steps.checked_sub(1).map_or(0, |index| self.steps[index].bitrate)
    }

    /// What one more step costs, with what it takes to dare it.
    fn raise(&self) -> Option<(u64, u64)> {
        let cost = self.steps.get(self.gets)?.bitrate;
        let more = cost.saturating_sub(self.cost(self.gets));
        let factor = if self.gets < self.has { 1.0 / KEPT } else { MARGIN };
        let dared = (cost as f64 * factor) as u64;
        Some((more, dared.saturating_sub(self.cost(self.gets))))
    }
}

/// Shares `budget` (bit/s) in rounds: in each, everyone takes as many steps as its priority says, as far as there is room.
/// The first step comes first: nobody has two where another could have one.
///
/// `is_certain`: the path carries no more than the budget. Where it may, nobody goes without.
pub(crate) fn share<K, L>(budget: u64, is_certain: bool, claims: &mut [(K, Claim<L>)]) -> Shared {
    claims.sort_by_key(|(_, claim)| std::cmp::Reverse(claim.priority));
    claims.iter_mut().for_each(|(_, claim)| claim.gets = 0);
    let mut used = 0;
    for (_, claim) in claims.iter_mut() {
        take(budget, &mut used, claim, !is_certain);
    }
    loop {
        let mut has_changed = false;
        for (_, claim) in claims.iter_mut().filter(|(_, claim)| claim.gets > 0) {
            for _ in 0..claim.priority.max(1) {
                has_changed |= take(budget, &mut used, claim, false);
            }
        }
        if !has_changed {
            break;
        }
    }
    let next = claims.iter().filter_map(|(_, claim)| Some(used + claim.raise()?.1)).min();
    Shared { used, next }
}

fn take<L>(budget: u64, used: &mut u64, claim: &mut Claim<L>, anyway: bool) -> bool {
    let Some((more, dared)) = claim.raise() else { return false };
    if !anyway && *used + dared > budget {
        return false;
    }
    *used += more;
    claim.gets += 1;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(priority: u8, bitrates: &[u64], has: usize) -> Claim<usize> {
        let steps = bitrates.iter().enumerate().map(|(layer, bitrate)| Step { layer, bitrate: *bitrate });
        Claim { priority, steps: steps.collect(), has, gets: 0 }
    }

    fn shared(budget: u64, is_certain: bool, claims: &[Claim<usize>]) -> (Vec<usize>, Shared) {
        let mut claims: Vec<_> = claims.iter().cloned().enumerate().collect();
        let shared = share(budget, is_certain, &mut claims);
        claims.sort_by_key(|(index, _)| *index);
        (claims.iter().map(|(_, claim)| claim.gets).collect(), shared)
    }

    const SIMULCAST: &[u64] = &[100, 300, 1_200];

    #[test]
    fn as_much_as_there_is_room_for() {
        for (budget, gets) in [(50, 0), (120, 1), (329, 1), (331, 2), (1_300, 2), (1_321, 3)] {
            assert_eq!(shared(budget, true, &[claim(1, SIMULCAST, 0)]).0, [gets], "{budget}");
        }
        let (gets, shared) = shared(500, true, &[claim(1, SIMULCAST, 0)]);
        assert_eq!((gets, shared), (vec![2], Shared { used: 300, next: Some(1_320) }));
    }

    #[test]
    fn what_is_flowing_is_kept_a_little_longer_than_it_would_be_begun() {
        assert_eq!(shared(262, true, &[claim(1, SIMULCAST, 2)]).0, [2]);
        assert_eq!(shared(258, true, &[claim(1, SIMULCAST, 2)]).0, [1]);
        assert_eq!(shared(290, true, &[claim(1, SIMULCAST, 1)]).0, [1]);
    }

    #[test]
    fn everybody_has_one_before_anybody_has_two_and_priority_goes_first() {
        let claims = [claim(1, SIMULCAST, 0), claim(5, SIMULCAST, 0), claim(1, SIMULCAST, 0)];
        assert_eq!(shared(350, true, &claims).0, [1, 1, 1]);
        assert_eq!(shared(550, true, &claims).0, [1, 2, 1], "the one of the highest priority");
        assert_eq!(shared(120, true, &claims).0, [0, 1, 0]);
        assert_eq!(shared(1_550, true, &claims).0, [1, 3, 1]);
    }

    #[test]
    fn nobody_goes_without_where_the_path_may_carry_more() {
        let claims = [claim(1, &[900], 0), claim(1, &[900], 0)];
        let (gets, shared) = shared(1_000, false, &claims);
        assert_eq!((gets, shared), (vec![1, 1], Shared { used: 1_800, next: None }));
    }

    /// Whatever the claims: never above the budget by more than what is kept, and never nothing where something fits.
    #[test]
    fn the_budget_is_never_exceeded() {
        for budget in (0..4_000).step_by(37) {
            for has in 0..4 {
                let claims = [claim(1, SIMULCAST, has), claim(2, &[50, 80, 400], has), claim(1, &[700], 0)];
                let (_, shared) = shared(budget, true, &claims);
                assert!(shared.used as f64 <= 1.16 * budget as f64, "{budget} {has} {shared:?}");
            }
        }
    }
}

//! Where tiles are.

use super::studio::Rect;
use crate::recording::options::Resolution;

/// Where those beside the stage are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// At the right.
    Column,
    /// Below.
    Row,
}

/// No more tiles are in a grid.
const GRID_MAX: usize = 49;
/// No more tiles are beside a stage.
const SIDE_MAX: usize = 12;

/// The places of `stage` large tiles and `others` small ones, in this order; of `others` alike if there is no stage.
/// There may be fewer than asked for: who comes last is not seen.
pub(super) fn arrange(size: Resolution, stage: usize, others: usize, side: Side) -> (Vec<Rect>, Vec<Rect>) {
    let whole = Rect { x: 0, y: 0, width: size.width(), height: size.height() };
    let gap = even(whole.width.min(whole.height) / 90);
    if stage == 0 || others == 0 {
        return (grid(whole, stage.min(GRID_MAX), gap), grid(whole, others.min(GRID_MAX), gap));
    }
    let (large, small) = match side {
        Side::Column => {
            let width = even(whole.width / 5).max(2);
            let left = Rect { width: whole.width - width - gap, ..whole };
            (left, Rect { x: whole.width - width, width, ..whole })
        }
        Side::Row => {
            let height = even(whole.height / 5).max(2);
            let above = Rect { height: whole.height - height - gap, ..whole };
            (above, Rect { y: whole.height - height, height, ..whole })
        }
    };
    (grid(large, stage.min(GRID_MAX), gap), grid(small, others.min(SIDE_MAX), gap))
}

/// A grid of tiles of 16:9, as large as they can be, in the middle of `area`; one tile has it all.
fn grid(area: Rect, count: usize, gap: u32) -> Vec<Rect> {
    if count <= 1 {
        return vec![area; count];
    }
    let count = count as u32;
    let fit = |columns: u32| {
        let rows = count.div_ceil(columns);
        let share = |side: u32, parts: u32| side.saturating_sub(gap * (parts - 1)) / parts;
        let (width, height) = (share(area.width, columns), share(area.height, rows));
        (even(width.min(height * 16 / 9)), columns)
    };
    // Of equal ones the one with fewer columns.
    let best = (1..=count).map(fit).max_by_key(|(width, columns)| (*width, u32::MAX - columns));
    let (width, columns) = best.unwrap_or((0, 1));
    let (width, height) = (width.max(2), even(width * 9 / 16).max(2));
    let rows = count.div_ceil(columns);
    let middle = |side: u32, tile: u32, parts: u32| {
        even(side.saturating_sub(tile * parts + gap * parts.saturating_sub(1)) / 2)
    };
    let tile = |index: u32| {
        let (row, column) = (index / columns, index % columns);
        let in_row = columns.min(count - row * columns);
        let x = area.x + middle(area.width, width, in_row) + column * (width + gap);
        let y = area.y + middle(area.height, height, rows) + row * (height + gap);
        Rect { x, y, width, height }
    };
    let fits = |tile: &Rect| {
        tile.x + tile.width <= area.x + area.width && tile.y + tile.height <= area.y + area.height
    };
    (0..count).map(tile).filter(fits).collect()
}

/// The even number at or below.
fn even(pixels: u32) -> u32 {
    pixels & !1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(rects: &[Rect]) -> Vec<String> {
        rects.iter().map(Rect::to_string).collect()
    }

    fn hd(stage: usize, others: usize, side: Side) -> (Vec<String>, Vec<String>) {
        let (large, small) = arrange(Resolution::HD, stage, others, side);
        (texts(&large), texts(&small))
    }

    #[test]
    fn a_grid_fills_the_picture() {
        let alone = |count| hd(0, count, Side::Column).1;
        assert_eq!(alone(0), [""; 0]);
        assert_eq!(alone(1), ["1280x720+0+0"]);
        assert_eq!(alone(2), ["636x356+0+182", "636x356+644+182"]);
        assert_eq!(
            alone(3),
            ["632x354+4+2", "632x354+644+2", "632x354+324+364"],
            "the last row is in the middle"
        );
        assert_eq!(alone(4), ["632x354+4+2", "632x354+644+2", "632x354+4+364", "632x354+644+364"]);
        assert_eq!(alone(9).len(), 9);
        assert_eq!(alone(9)[0], "416x234+8+0");
        assert_eq!(alone(500).len(), GRID_MAX);
    }

    #[test]
    fn a_stage_has_the_others_beside() {
        let (large, small) = hd(1, 2, Side::Column);
        assert_eq!(large, ["1016x720+0+0"]);
        assert_eq!(small, ["256x144+1024+212", "256x144+1024+364"]);
        let (large, small) = hd(1, 2, Side::Row);
        assert_eq!(large, ["1280x568+0+0"]);
        assert_eq!(small, ["256x144+380+576", "256x144+644+576"]);
        assert_eq!(hd(1, 0, Side::Row).0, ["1280x720+0+0"]);
    }

    proptest! {
        #[test]
        fn tiles_are_even_inside_and_apart(
            width in 8_u32..2000, height in 8_u32..2000, stage in 0_usize..4, others in 0_usize..60, column: bool,
        ) {
            let size: Resolution = format!("{}x{}", width * 2, height * 2).parse().unwrap();
            let side = if column { Side::Column } else { Side::Row };
            let (large, small) = arrange(size, stage, others, side);
            let all: Vec<Rect> = large.into_iter().chain(small).collect();
            prop_assert!(stage + others == 0 || !all.is_empty());
            for (index, a) in all.iter().enumerate() {
                prop_assert!([a.x, a.y, a.width, a.height].iter().all(|side| side % 2 == 0));
                prop_assert!(a.width >= 2 && a.height >= 2);
                prop_assert!(a.x + a.width <= size.width() && a.y + a.height <= size.height());
                for b in &all[..index] {
                    let apart = a.x >= b.x + b.width || b.x >= a.x + a.width
                        || a.y >= b.y + b.height || b.y >= a.y + a.height;
                    prop_assert!(apart, "{a} {b}");
                }
            }
        }
    }
}

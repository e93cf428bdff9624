// Where the tiles go.

const GAP_PX = 12;
const WIDEST = 16 / 9;
const NARROWEST = 9 / 16;
/** Below this width the stage is a phone's: one column of things, not two. */
const PHONE_PX = 640;
/** What a shared screen leaves to the tiles of people. */
const STRIP_WIDTH_PX = 220;
const STRIP_HEIGHT_SHARE = 0.5;

/**
 * The arrangement of `count` tiles on a stage.
 *
 * - `grid`: tiles of equal size, as large as they can be.
 * - `floating`: two people on a phone; the other fills the stage, oneself floats above.
 * - `strip-right`, `strip-below`: a shared screen fills the stage but for a strip of equal tiles.
 *
 * @returns {{mode: string, width: number, height: number}} with the size of the equal tiles, in px
 */
export function arrange({ count, hasFeatured, width, height }) {
  const phone = width < PHONE_PX;
  if (hasFeatured) {
    if (phone) return { mode: 'strip-below', ...tileSize(count - 1, width, height * (1 - STRIP_HEIGHT_SHARE) - GAP_PX) };
    return { mode: 'strip-right', ...tileSize(count - 1, STRIP_WIDTH_PX, height) };
  }
  if (phone && count === 2) return { mode: 'floating', width, height };
  return { mode: 'grid', ...tileSize(count, width, height) };
}

/** The number of columns decides: the one with the largest tiles wins. */
function tileSize(count, stageWidth, stageHeight) {
  let best = { width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    let width = (stageWidth - GAP_PX * (columns - 1)) / columns;
    let height = (stageHeight - GAP_PX * (rows - 1)) / rows;
    if (width / height > WIDEST) width = height * WIDEST;
    if (width / height < NARROWEST) height = width / NARROWEST;
    if (width * height > best.width * best.height) best = { width, height };
  }
  return { width: Math.floor(best.width), height: Math.floor(best.height) };
}

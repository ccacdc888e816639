// Where a dropped card lands: a position between its new neighbours (deals.position orders a column).
import type { Deal } from '@syncline/client';

/** The distance to a neighbour at either end of a column. */
export const POSITION_STEP = 1024;

/**
 * The position that puts `moved` where `target` is (null: at the end of the column's shown cards). Moving down inside a
 * column lands after the target, otherwise before it, as the card under the pointer makes room.
 */
export function positionBetween(column: readonly Deal[], moved: Deal, target: Deal | null): number {
  const others = column.filter((deal) => deal.id !== moved.id);
  if (others.length === 0) return moved.position ?? POSITION_STEP;
  let index = target ? others.findIndex((deal) => deal.id === target.id) : others.length;
  if (index < 0) index = others.length;
  const from = column.findIndex((deal) => deal.id === moved.id);
  const to = target ? column.findIndex((deal) => deal.id === target.id) : -1;
  if (from >= 0 && to > from) index += 1;
  const before = others[index - 1]?.position ?? null;
  const after = others[index]?.position ?? null;
  if (before === null && after === null) return POSITION_STEP;
  if (before === null) return after! - POSITION_STEP;
  if (after === null) return before + POSITION_STEP;
  // Positions are whole numbers; where none is left between the two, the move itself makes room after `after`'s place.
  const middle = Math.floor((before + after) / 2);
  return middle > before ? middle : after;
}

import type { Deal } from '@syncline/client';
import { expect, it } from 'vitest';
import { POSITION_STEP, positionBetween } from '../src/board/position.ts';

const deal = (id: string, position: number | null): Deal => ({ id, position }) as Deal;
const column = [deal('a', 1000), deal('b', 2000), deal('c', 3000)];

/** The order of the column after the move, by position; a taken position pushes its owner on, as the mutator does. */
function orderAfter(deals: readonly Deal[], moved: Deal, target: Deal | null): string {
  const position = positionBetween(deals, moved, target);
  const rest = deals.filter((each) => each.id !== moved.id).map((each) => ({ id: each.id, at: (each.position ?? 0) + ((each.position ?? 0) >= position ? 0.5 : 0) }));
  return [...rest, { id: moved.id, at: position }].sort((a, b) => a.at - b.at).map((each) => each.id).join('');
}

it.each([
  ['from another column, onto a card: before it', deal('x', 7), column[1]!, 'axbc'],
  ['from another column, onto the first card', deal('x', 7), column[0]!, 'xabc'],
  ['from another column, onto the column: at the end', deal('x', 7), null, 'abcx'],
  ['down inside the column: after the card', column[0]!, column[1]!, 'bac'],
  ['down to the last', column[0]!, column[2]!, 'bca'],
  ['up inside the column: before the card', column[2]!, column[0]!, 'cab'],
  ['up by one', column[1]!, column[0]!, 'bac'],
])('a card dropped %s', (_, moved, target, expected) => {
  expect(orderAfter(column, moved, target)).toBe(expected);
});

it('takes the place of the next card where no number is left between two', () => {
  const tight = [deal('a', 5), deal('b', 6)];
  expect(positionBetween(tight, deal('x', 0), tight[1]!)).toBe(6);
});

it('finds a first place in an empty column', () => {
  expect(positionBetween([], deal('x', null), null)).toBe(POSITION_STEP);
});

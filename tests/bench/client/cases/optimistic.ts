import { makeWorld, sortedListOps } from '../data.ts';
import type { Case } from '../types.ts';

export const optimistic: Case = {
  name: 'optimistic',
  about: 'the list of top50 is open; the user changes a lead, the server rejects it (one op = both)',
  measures: 'ops',
  make({ rows, ops, seed }) {
    const world = makeWorld(rows, Math.min(1000, rows), seed);
    // Somebody who types into one field again and again is made to wait (SEMANTICS 11), which is no cost of applying: nobody changes
    // the same lead twice running.
    const drawn = sortedListOps(world, ops).filter((op, i, all) => i === 0 || op.id !== all[i - 1]!.id);
    const made = drawn.map((op) => {
      // updatedAt is the engine's to write; a rejected change leaves nothing of it.
      const { updatedAt: _, ...set } = op.set as Record<string, unknown>;
      return { ...op, set } as typeof op;
    });
    return { leads: world.leads, users: [], view: { kind: 'top', limit: 50 }, ops: made, optimistic: true };
  },
};

import { makeWorld, sortedListOps } from '../data.ts';
import type { Case } from '../types.ts';

export const top50: Case = {
  name: 'top50',
  about: 'one list of the 50 leads with the highest value; the server changes leads',
  measures: 'ops',
  make({ rows, ops, seed }) {
    const world = makeWorld(rows, Math.min(1000, rows), seed);
    return { leads: world.leads, users: [], view: { kind: 'top', limit: 50 }, ops: sortedListOps(world, ops), optimistic: false };
  },
};

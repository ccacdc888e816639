import { makeWorld, sortedListOps } from '../data.ts';
import type { Case } from '../types.ts';

export const window100k: Case = {
  name: 'window-100k',
  about: 'all leads by value, 50 rows in the middle on the screen; the server changes leads',
  measures: 'ops',
  make({ rows, ops, seed }) {
    const world = makeWorld(rows, Math.min(1000, rows), seed);
    const view = { kind: 'window', first: Math.floor(rows / 2), count: 50 } as const;
    return { leads: world.leads, users: [], view, ops: sortedListOps(world, ops), optimistic: false };
  },
};

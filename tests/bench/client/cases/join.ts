import { Leaders, makeWorld, sortedListOps } from '../data.ts';
import type { Case, Op } from '../types.ts';

export const join: Case = {
  name: 'join',
  about: 'the 50 leads with the highest value, each with its owner; a fifth of the changes is of an owner',
  measures: 'ops',
  make({ rows, ops, seed }) {
    const world = makeWorld(rows, Math.min(1000, rows), seed);
    const { random, leads, users } = world;
    const owner = new Map(leads.map((lead) => [lead.id, lead.ownerId]));
    const leaders = new Leaders(leads, 50);
    const made = sortedListOps(world, ops).map((op, i): Op => {
      if (random.next() < 0.2) {
        // Every second owner is one that may be on the screen.
        const id = random.next() < 0.5 ? owner.get(leaders.get(random.below(leaders.size)).id)! : random.of(users).id;
        return { kind: 'user', id, set: { name: `Renamed ${i}` } };
      }
      if (op.kind === 'lead' && op.set.value !== undefined) leaders.set(op.id, op.set.value);
      return op;
    });
    return { leads, users, view: { kind: 'joined', limit: 50 }, ops: made, optimistic: false };
  },
};

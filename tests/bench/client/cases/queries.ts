import { leadOp, makeWorld } from '../data.ts';
import type { Case, Op } from '../types.ts';

/** A fifth of the changes hands a lead to somebody else; the others change a field that no query asks for. */
function queries(count: number): Case {
  return {
    name: `queries-${count}`,
    about: `${count.toLocaleString('en')} live queries "ownerId = …"; the server changes leads`,
    measures: 'ops',
    make({ rows, ops, seed }) {
      const world = makeWorld(rows, Math.min(count, rows), seed);
      const { random, leads, users, values } = world;
      const made = Array.from({ length: ops }, (_, i): Op => {
        const { id } = random.of(leads);
        if (random.next() < 0.2) return leadOp(i, id, { ownerId: random.of(users).id });
        return leadOp(i, id, random.next() < 0.5 ? { score: random.below(101) } : { value: values.any() });
      });
      return { leads, users: [], view: { kind: 'owned', owners: users.map((user) => user.id) }, ops: made, optimistic: false };
    },
  };
}

export const queries1000 = queries(1_000);
export const queries10000 = queries(10_000);

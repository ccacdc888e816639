import { leadOp, makeWorld } from '../data.ts';
import { type Case, type Op, STATUSES } from '../types.ts';

export const group: Case = {
  name: 'group',
  about: 'count of leads and sum of their values by status; the server changes status or value',
  measures: 'ops',
  make({ rows, ops, seed }) {
    const { random, values, leads } = makeWorld(rows, Math.min(1000, rows), seed);
    const made = Array.from({ length: ops }, (_, i): Op => {
      const { id } = random.of(leads);
      return leadOp(i, id, random.next() < 0.5 ? { status: random.of(STATUSES) } : { value: values.any() });
    });
    return { leads, users: [], view: { kind: 'group' }, ops: made, optimistic: false };
  },
};

// What is written when somebody chooses, and what a refused change says of itself.
import { describe, expect, it } from 'vitest';
import type { Conflict } from '@syncline/client';
import { caseOf, decidable, factsOf, fieldsOf, patchOf } from '../src/refused/changes.ts';

const id = { client: 'c', sequence: 4 };
const values = (field: string, mine: string) => ({ field, base: 'a', mine, theirs: 'b', by: 'u', at: 1 });
const conflict: Conflict = { collection: 'leads', record: 'r', deleted: false, fields: [values('name', 'x'), values('jobTitle', 'y')] };
const kept = (name: string, conflicts: readonly Conflict[]) => ({ ...id, name, verdict: { version: 9, conflicts } });

describe('a choice', () => {
  it('writes the fields in which mine stays, and nothing where theirs stands everywhere', () => {
    expect(patchOf(conflict, new Set(['jobTitle']))).toEqual({ jobTitle: 'y' });
    expect(patchOf(conflict, new Set(['name', 'jobTitle']))).toEqual({ name: 'x', jobTitle: 'y' });
    expect(patchOf(conflict, new Set())).toBeNull();
  });

  it('is offered where plain values of one record met, also when it was deleted', () => {
    const gone = { ...conflict, deleted: true };
    expect(decidable(caseOf(kept('crm.leads.update', [conflict]))!)).toBe(conflict);
    expect(decidable(caseOf(kept('crm.leads.restore', [conflict]))!)).toBe(conflict);
    expect(decidable(caseOf(kept('crm.leads.update', [gone]))!)).toBe(gone);
    expect(decidable(caseOf(kept('crm.leads.convert', [conflict]))!)).toBeNull();
    expect(decidable(caseOf(kept('crm.leads.remove', [{ ...gone, fields: [] }]))!)).toBeNull();
    expect(decidable(caseOf(kept('crm.leads.update', [conflict, conflict]))!)).toBeNull();
    expect(caseOf(kept('crm.leads.update', []))).toBeNull();
  });

  it('leaves out fields that this build does not know', () => {
    expect(fieldsOf({ ...conflict, fields: [values('name', 'x'), values('fromLater', 'z')] }).map(({ field }) => field.name)).toEqual(['name']);
  });
});

it('a refused change says what it was to do, to which record, with which values', () => {
  const facts = factsOf('crm.leads.update', { id: 'r', jobTitle: 'Buyer' });
  expect([facts.collection?.name, facts.action, facts.record]).toEqual(['leads', 'update', 'r']);
  expect(facts.fields.map(({ field, value }) => [field.name, value])).toEqual([['jobTitle', 'Buyer']]);
});

it('a change of another version of the application is shown as it was asked for', () => {
  expect(factsOf('crm.yachts.paint', { id: 'r', colour: 'red' })).toEqual({ isKnown: false, collection: null, action: 'paint', record: 'r', fields: [], others: [['colour', 'red']] });
  expect(factsOf('crm.leads.update', { id: 'r', shoeSize: 43 })).toMatchObject({ isKnown: false, others: [['shoeSize', 43]] });
  expect(factsOf('crm.leads.update', { id: 'r', jobTitle: 'Buyer' }).isKnown).toBe(true);
});

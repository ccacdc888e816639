// What is written when somebody chooses, and what a refused change says of itself.
import { describe, expect, it } from 'vitest';
import type { Conflict } from '@syncline/client';
import { caseOf, decidable, factsOf, fieldsOf, patchOf, rests, restingOn, together } from '../src/refused/changes.ts';

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

describe('what is decided at once', () => {
  const refusedAs = (sequence: number, conflicts: readonly Conflict[], takesBack?: number) => ({
    ...kept('crm.leads.update', conflicts), sequence,
    bases: takesBack === undefined ? [] : [{ collection: '', record: 'c', field: null, version: takesBack }],
  });
  const of = (sequence: number, ...fields: Conflict['fields'][number][]) => refusedAs(sequence, [{ ...conflict, fields }]);
  const other = refusedAs(2, [{ ...conflict, record: 'another' }]);

  it('is all of one record: before the first, what the last wanted, and what the server said last', () => {
    const refused = [of(1, values('name', 'x')), other, of(3, { ...values('name', 'z'), base: 'x', theirs: 'later' }, values('jobTitle', 'y'))];
    const { conflict: whole, ids } = together(refused, caseOf(refused[0]!)!);
    expect(ids).toEqual([{ client: 'c', sequence: 1 }, { client: 'c', sequence: 3 }]);
    expect(decidable(whole)).toMatchObject({ record: 'r', fields: [{ ...values('name', 'z'), theirs: 'later' }, values('jobTitle', 'y')] });
  });

  it('claims to have seen no more than its first verdict told, and all of what is gone', () => {
    const at = (sequence: number, version: number, deleted: boolean, base: string | null) => {
      const conflicts = [{ ...conflict, deleted, fields: [{ ...values('name', 'x'), base }] }];
      return { ...refusedAs(sequence, conflicts), verdict: { version, conflicts } };
    };
    const decided = (gone: boolean) => {
      const refused = [at(1, 5, false, null), at(2, 8, gone, 'mine')];
      return together(refused, caseOf(refused[0]!)!).conflict;
    };
    expect([decided(false).version, decided(true).version]).toEqual([5, 8]);
    expect(decidable(decided(false))!.fields[0]!.base, 'null is what stood there').toBeNull();
  });

  it('takes along the undo of it and the redo of that, which are no changes of their own', () => {
    const refused = [of(1, values('name', 'x')), refusedAs(2, [], 1), refusedAs(3, [], 2), refusedAs(4, [], 9)];
    expect(restingOn(refused, [{ client: 'c', sequence: 1 }]).map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect(together(refused, caseOf(refused[0]!)!).ids.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect([1, 2, 3, 4].map((sequence) => rests(refused, { client: 'c', sequence }))).toEqual([false, true, true, false]);
  });

  it('is that change alone where nothing of it is to be chosen, or nobody keeps it', () => {
    const opened = caseOf(kept('crm.leads.convert', [conflict]))!;
    expect(together([of(1, values('name', 'x'))], opened)).toEqual({ conflict: opened, ids: [id] });
    const told = caseOf(of(1, values('name', 'x')))!;
    expect(together([], told)).toEqual({ conflict: told, ids: [told.id] });
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

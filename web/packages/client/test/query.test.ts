// Queries become the archive bytes of query::Query (PROTOCOL.md); what does not exist is refused where it is written.
import { describe, expect, it } from 'vitest';
import { ArchiveReader } from '../src/archive.ts';
import { crmQueries } from '../src/generated/crm_queries.ts';
import { schema } from '../src/generated/schema.ts';
import { newQuery, type Query } from '../src/query.ts';
import type { Row } from '../src/records.ts';

const collection = (key: string) => schema.collections.find((each) => each.key === key)!;
const query = (key: string) => newQuery<Row>(schema, collection(key));
const fieldId = (key: string, name: string) => collection(key).fields.find((field) => field.name === name)!.id;

const NONE = 0xffff;
const EXISTS = 6;

interface Predicate { kind: number; field: number; children: Predicate[]; from: number }

/** Without values: enough of them for conditions that compare nothing. */
function readPredicate(input: ArchiveReader): Predicate {
  const kind = input.u8();
  const field = input.u16();
  input.u8();
  input.u8();
  expect(input.u32()).toBe(0);
  return { kind, field, children: input.list(() => readPredicate(input)), from: input.u16() };
}

const reader = (asked: Query<unknown>) => {
  const input = new ArchiveReader(asked.bytes);
  expect(input.u16()).toBe(asked.collection.id);
  return input;
};

describe('conditions on related rows', () => {
  it('go forward along a reference and backward to the rows that name this one', () => {
    const where = readPredicate(reader(query('companies').whereExists('deals.companyId', (deals) => deals.whereNotExists('contact'))));
    const [exists] = where.children;
    expect(exists).toMatchObject({ kind: EXISTS, field: fieldId('deals', 'companyId'), from: collection('deals').id });
    const inner = exists!.children[0]!.children[0]!.children[0]!;
    expect(inner).toMatchObject({ kind: EXISTS, field: fieldId('deals', 'contactId'), from: NONE });
  });
  it('refuse what is no relation', () => {
    expect(() => query('companies').whereExists('nobody')).toThrow();
    expect(() => query('companies').whereExists('deals.contactId')).toThrow();
    expect(() => query('companies').whereExists('nothing.companyId')).toThrow();
  });
});

describe('includes', () => {
  it('carry order and limit for each row, and others within', () => {
    const asked = query('companies').include('deals.companyId', (deals) => deals.orderBy('value', 'desc', 'first').limit(3).include('owner'));
    const input = reader(asked);
    readPredicate(input);
    expect(input.list(() => 0)).toEqual([]);
    expect(input.u32()).toBe(0);
    expect(input.bool()).toBe(false);
    const includes = input.list(() => {
      const head = [input.u16(), input.u16()];
      readPredicate(input);
      const order = input.list(() => [input.u16(), input.bool(), input.u8()]);
      const limit = input.u32();
      const inner = input.list(() => {
        const via = [input.u16(), input.u16()];
        readPredicate(input);
        expect([input.u32(), input.u32(), input.u32()]).toEqual([0, 0, 0]);
        return via;
      });
      return { head, order, limit, inner };
    });
    expect(includes).toEqual([{
      head: [fieldId('deals', 'companyId'), collection('deals').id],
      order: [[fieldId('deals', 'value'), true, 1]], limit: 3,
      inner: [[fieldId('deals', 'ownerId'), NONE]],
    }]);
    expect(input.bool()).toBe(false);
    expect(input.done).toBe(true);
    expect(asked.spec.includes[0]!.name).toBe('deals');
  });
});

describe('aggregates', () => {
  it('carry keys, periods and terms', () => {
    const input = reader(query('deals').groupBy('createdAt', { period: 'month', zone: 'Europe/Berlin' }).groupBy('company.name').avg('value').count());
    readPredicate(input);
    input.list(() => 0);
    input.u32();
    expect([input.bool(), input.list(() => 0).length, input.bool()]).toEqual([false, 0, true]);
    expect(input.list(() => [input.u16(), input.u16(), input.u8(), input.text()])).toEqual([
      [fieldId('deals', 'createdAt'), NONE, 3, 'Europe/Berlin'],
      [fieldId('companies', 'name'), fieldId('deals', 'companyId'), 0, ''],
    ]);
    expect(input.list(() => [input.u8(), input.u16()])).toEqual([[3, fieldId('deals', 'value')], [0, NONE]]);
    expect(input.bool()).toBe(false);
    expect(input.done).toBe(true);
  });
});

describe('the queries of the CRM', () => {
  const moment = (day: number) => ({ at: day * 86_400_000, on: new Date(day * 86_400_000).toISOString().slice(0, 10) });
  const periods = { previous: moment(20_000), from: moment(20_030), to: moment(20_060) };

  it('can all be asked, and equal ones are one live query', () => {
    for (const [name, make] of Object.entries(crmQueries)) {
      expect(make(periods).bytes.length, name).toBeGreaterThan(0);
      expect(make({ ...periods }).key).toBe(make(periods).key);
    }
    expect(crmQueries.newLeads({ ...periods, from: moment(20_031) }).key).not.toBe(crmQueries.newLeads(periods).key);
  });
  it('of rows take an order and a limit', () => {
    const tasks = crmQueries.unfinishedTasks().where('dueAt', '<', periods.to.at).orderBy('dueAt').limit(8);
    expect(tasks.spec).toMatchObject({ limit: 8, order: [{ field: 'dueAt', descending: false }] });
    expect(tasks.spec.conditions).toHaveLength(2);
  });
});

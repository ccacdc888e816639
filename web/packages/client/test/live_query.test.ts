// What the engine answers becomes rows: windows with their links (wasm/ABI.md), and groups of an aggregate.
import { describe, expect, it } from 'vitest';
import { ArchiveWriter } from '../src/archive.ts';
import { schema } from '../src/generated/schema.ts';
import { ALL_ROWS } from '../src/host/messages.ts';
import { LiveQuery } from '../src/live_query.ts';
import { newQuery, type Query } from '../src/query.ts';
import { makeDecoders, type Row } from '../src/records.ts';

const collection = (key: string) => schema.collections.find((each) => each.key === key)!;
const query = (key: string) => newQuery<Row>(schema, collection(key));
const owner = { wanted: () => undefined, idle: () => undefined, moved: () => undefined };
const live = <T>(asked: Query<T>) => new LiveQuery<T>(asked, ALL_ROWS, makeDecoders(schema), owner);
const STILL = { query: 1, status: 'complete', error: null, whole: false, edits: [], positions: [], windows: [], groups: null, total: 0 } as const;

/** A record without values. */
function packed(key: string, number: number, version = 1): Uint8Array {
  const { id, slotCount } = collection(key);
  const bytes = new Uint8Array(32 + 8 * Math.ceil(slotCount / 64));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, id, true);
  view.setUint16(6, slotCount, true);
  bytes[23] = number;
  view.setUint32(24, version, true);
  return bytes;
}

function windowOf(rows: readonly Uint8Array[], related: readonly Uint8Array[], links: readonly number[]): Uint8Array {
  const records = [...rows, ...related];
  const bytes = new Uint8Array(16 + records.reduce((sum, each) => sum + 8 + each.length, 0) + 4 * links.length);
  const view = new DataView(bytes.buffer);
  [rows.length, 0, rows.length, related.length].forEach((number, i) => view.setUint32(4 * i, number, true));
  let at = 16;
  for (const record of records) {
    bytes.set(record, at + 8);
    at += 8 + record.length;
  }
  links.forEach((number, i) => view.setUint32(at + 4 * i, number, true));
  return bytes;
}

const number = (row: Row | null | undefined) => (row ? Number.parseInt(row.id.slice(-2), 16) : null);
const numbers = (rows: unknown) => (rows as readonly Row[]).map(number);

it('the result is one object until something changes, and says all of it', () => {
  const one = live(query('companies'));
  const loading = one.result;
  expect(one.result).toBe(loading);
  one.apply({ ...STILL, whole: true, windows: [windowOf([packed('companies', 1)], [], [])], total: 1 });
  const first = one.result;
  expect([first.rows.map(number), first.total, first.status, first.error]).toEqual([[1], 1, 'complete', null]);
  expect([loading.rows, loading.total, loading.status]).toEqual([[], 0, 'loading']);
  one.fail({ code: 'unavailable', message: 'gone', fields: [] });
  expect(one.result).not.toBe(first);
  expect([one.result.rows, one.result.total, one.result.status, one.result.error?.code]).toEqual([first.rows, 1, 'error', 'unavailable']);
});

describe('a window with links', () => {
  const asked = query('companies').include('owner').include('deals.companyId', (deals) => deals.include('contact'));
  // Two companies: owner 9 and none; deals 20, 21 and 22; their contacts 30, none and 30.
  const related = [packed('users', 9), packed('deals', 20), packed('contacts', 30), packed('deals', 21), packed('deals', 22)];
  const links = [1, 0, 2, 1, 1, 2, 3, 0, 0, 1, 4, 1, 2];
  const rows = [packed('companies', 1), packed('companies', 2)];

  it('gives every row what it brings along', () => {
    const result = live(asked);
    result.apply({ ...STILL, whole: true, windows: [windowOf(rows, related, links)] });
    const [first, second] = result.rows as readonly Row[];
    expect([number(first!['owner'] as Row), second!['owner']]).toEqual([9, null]);
    expect([numbers(first!['deals']), numbers(second!['deals'])]).toEqual([[20, 21], [22]]);
    const contacts = (company: Row) => (company['deals'] as readonly Row[]).map((deal) => number(deal['contact'] as Row));
    expect([contacts(first!), contacts(second!)]).toEqual([[30, null], [30]]);
  });

  it('keeps the rows of which nothing moved', () => {
    const result = live(asked);
    result.apply({ ...STILL, whole: true, windows: [windowOf(rows, related, links)] });
    const before = result.rows as readonly Row[];
    result.apply({ ...STILL, whole: true, windows: [windowOf(rows, related, links)] });
    expect(result.rows).toBe(before);
    const newer = related.map((record, i) => (i === 4 ? packed('deals', 22, 2) : record));
    result.apply({ ...STILL, whole: true, windows: [windowOf(rows, newer, links)] });
    const after = result.rows as readonly Row[];
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect((after[1]!['deals'] as readonly Row[])[0]!.version).toBe(2);
    // The first company's second deal goes.
    result.apply({ ...STILL, whole: true, windows: [windowOf(rows, newer, [1, 0, 1, 1, 1, 2, 0, 1, 4, 1, 2])] });
    expect(numbers((result.rows as readonly Row[])[0]!['deals'])).toEqual([20]);
    expect(result.rows[1]).toBe(after[1]);
  });
});

describe('groups', () => {
  it('hold keys, figures and the period before', () => {
    const asked = query('deals').groupBy('createdAt', { period: 'month' }).groupBy('company.name')
      .count().sum('value').avg('value').countDistinct('name').min('value').max('name').trend('createdAt', 1, 2, 3);
    const out = new ArchiveWriter();
    const decimal = (mantissa: number, scale: number) => out.u8(3).i64(mantissa).u8(scale);
    const figures = (rows: number) => {
      out.i64(rows).u32(6);
      out.u8(2).i64(rows);
      decimal(1250, 2);
      decimal(41667, 4);
      out.u8(2).i64(2);
      decimal(100, 2);
      out.u8(0);
      out.u32(2);
      decimal(1250, 2);
      out.u8(2).i64(3);
    };
    out.u32(1).u32(2);
    out.u8(7).u32(20_454); // 2026-01-01
    out.u8(4).text('Acme');
    figures(3);
    out.bool(true);
    figures(5);
    const result = live(asked);
    result.apply({ ...STILL, groups: out.finish() });
    const [group] = result.rows;
    expect(group).toMatchObject({
      key: '2026-01-01', keys: ['2026-01-01', 'Acme'], rows: 3, count: 3, sums: { value: 12.5 },
      averages: { value: 4.1667 }, distinct: { name: 2 }, mins: { value: 1 }, maxs: { name: null }, previous: { rows: 5 },
    });
  });

  it('of which nothing moved stay the same objects, also beside one that came or went', () => {
    type Counted = readonly [key: string | null, count: number];
    const groups = (rows: readonly Counted[]) => {
      const out = new ArchiveWriter().u32(rows.length);
      for (const [key, count] of rows) {
        out.u32(1);
        if (key === null) out.u8(0);
        else out.u8(4).text(key);
        out.i64(count).u32(1).u8(2).i64(count).u32(0).bool(false);
      }
      return out.finish();
    };
    const result = live(query('deals').groupBy('name').count());
    const show = (...rows: readonly Counted[]) => {
      result.apply({ ...STILL, groups: groups(rows) });
      expect(result.rows.map(({ key, count }) => [key, count])).toEqual(rows);
      return result.rows;
    };
    const before = show(['a', 1], ['bb', -2], ['c', 3]);
    expect(show(['a', 1], ['bb', -2], ['c', 3])).toBe(before);
    const edited = show(['a', 1], ['bb', 5], ['c', 3]);
    expect(edited[0]).toBe(before[0]);
    expect(edited[2]).toBe(before[2]);
    const shorter = show(['a', 1], ['c', 3]);
    expect(shorter[0]).toBe(before[0]);
    const other = show(['a', 1], [null, 3], ['c', 3], ['dddd', 4]);
    expect(other[0]).toBe(before[0]);
    expect(show()).toEqual([]);
    show(['c', 3]);
  });

  it('keep what they hold when many more come than there was room for', () => {
    const result = live(query('deals').groupBy('name').count());
    const groups = (count: number) => {
      const out = new ArchiveWriter().u32(count);
      for (let i = 0; i < count; i++) out.u32(1).u8(4).text(`group ${i}`).i64(i).u32(1).u8(2).i64(i).u32(0).bool(false);
      return out.finish();
    };
    result.apply({ ...STILL, groups: groups(3) });
    const [first] = result.rows;
    result.apply({ ...STILL, groups: groups(500) });
    expect(result.rows).toHaveLength(500);
    expect(result.rows[0]).toBe(first);
    const rows = result.rows;
    result.apply({ ...STILL, groups: groups(500) });
    expect(result.rows).toBe(rows);
  });
});

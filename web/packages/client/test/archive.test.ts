import { describe, expect, it } from 'vitest';
import { ArchiveReader, ArchiveWriter, idBytes, newId } from '../src/archive.ts';
import type { FieldMeta } from '../src/schema_types.ts';
import { type JsValue, readValue, ValueError, writeValue } from '../src/value.ts';

const field = (change: Partial<FieldMeta>): FieldMeta => ({
  id: 8, name: 'field', type: 'text', slot: 3, format: 'plain', required: false, unique: false, readOnly: false,
  scale: 0, maxLength: 0, min: null, max: null, options: [], target: null, whenTargetDeleted: null, policy: 'reject',
  defaultText: null, ...change,
});

function roundTrip(meta: FieldMeta, value: JsValue): JsValue {
  const out = new ArchiveWriter();
  writeValue(out, meta, value);
  const reader = new ArchiveReader(out.finish());
  const back = readValue(reader, meta);
  expect(reader.done).toBe(true);
  return back;
}

describe('values', () => {
  const cases: [Partial<FieldMeta>, JsValue][] = [
    [{ type: 'text' }, 'Zoë ✓'],
    [{ type: 'boolean' }, false],
    [{ type: 'integer' }, -9007199254740991],
    [{ type: 'decimal', scale: 2 }, 395000.01],
    [{ type: 'decimal', scale: 2 }, -0.29],
    [{ type: 'decimal', scale: 6 }, 0.000001],
    [{ type: 'enumeration', options: ['new', 'won'] }, 'won'],
    [{ type: 'set' }, ['a', 'b']],
    [{ type: 'reference', target: 'users' }, '018f3e2a-0000-7000-8000-0123456789ab'],
    [{ type: 'timestamp' }, 1795248000123],
    [{ type: 'date' }, '2026-02-28'],
    [{ type: 'date' }, '1969-12-31'],
    [{ type: 'text' }, null],
  ];
  it.each(cases)('%o keeps %o', (change, value) => {
    expect(roundTrip(field(change), value)).toEqual(value);
  });

  const refused: [Partial<FieldMeta>, JsValue][] = [
    [{ type: 'integer' }, 1.5],
    [{ type: 'integer' }, 'x'],
    [{ type: 'decimal', scale: 2 }, 0.001],
    [{ type: 'decimal', scale: 2 }, 1e15],
    [{ type: 'enumeration', options: ['new'] }, 'old'],
    [{ type: 'date' }, '2026-02-30'],
    [{ type: 'boolean' }, 'yes'],
    [{ type: 'text' }, 5],
  ];
  it.each(refused)('%o refuses %o', (change, value) => {
    expect(() => roundTrip(field(change), value)).toThrow(ValueError);
  });
});

describe('ids', () => {
  it('are UUIDv7 of the given time and sort by it', () => {
    const early = newId(1_700_000_000_000);
    const late = newId(1_700_000_000_001);
    expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(early < late).toBe(true);
  });
  it('refuse what is no id', () => {
    expect(() => idBytes('nonsense')).toThrow(RangeError);
  });
});

describe('the reader', () => {
  it('reads integers of either sign up to 2^53, from any part of a buffer', () => {
    const numbers = [0, 1, -1, 2 ** 32, -(2 ** 32), 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    const out = new ArchiveWriter().u8(7);
    for (const each of numbers) out.i64(each);
    for (const each of numbers) out.u64(Math.abs(each));
    const input = new ArchiveReader(out.finish().subarray(1));
    for (const each of numbers) expect(input.i64()).toBe(each);
    for (const each of numbers) expect(input.u64()).toBe(Math.abs(each));
    expect(input.done).toBe(true);
  });
  it('skips zeros only where all are such', () => {
    const input = new ArchiveReader(new ArchiveWriter().u32(0).u16(0).u8(1).finish());
    expect(input.skipZeros(7)).toBe(false);
    expect(input.skipZeros(6)).toBe(true);
    expect(input.u8()).toBe(1);
    expect(() => input.skipZeros(1)).toThrow(RangeError);
  });
  it('never reads past the end', () => {
    const out = new ArchiveWriter().text('hello').finish();
    expect(() => new ArchiveReader(out.slice(0, 6)).text()).toThrow(RangeError);
    expect(() => new ArchiveReader(new Uint8Array(3)).u32()).toThrow(RangeError);
  });
});

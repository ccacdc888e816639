// Values between JS and the engine: JS ⇄ tagged archive values (arguments, query constants, aggregate keys). The JS side
// (SEMANTICS of the SDK): ids and dates are strings, times epoch milliseconds, decimals numbers, enumerations option names.
import type { ArchiveReader, ArchiveWriter } from './archive.ts';
import type { FieldMeta } from './schema_types.ts';

export type JsValue = string | number | boolean | null | readonly string[];

export class ValueError extends Error {
  constructor(
    readonly field: string,
    message: string,
    /** What the value must be ("a whole number"), for words of one's own. */
    readonly expected = 'another value',
  ) {
    super(message);
    this.name = 'ValueError';
  }
}

const TAG = { null: 0, boolean: 1, integer: 2, decimal: 3, text: 4, id: 5, timestamp: 6, date: 7, set: 8 } as const;
const DAY_MS = 86_400_000;
const UNITS = Array.from({ length: 16 }, (_, scale) => 10 ** scale);

function wrongType(field: FieldMeta, expected: string): never {
  throw new ValueError(field.name, `${field.name} must be ${expected}`, expected);
}

function toNumber(field: FieldMeta, value: JsValue): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return wrongType(field, 'a number');
  return number;
}

/** The decimal's mantissa; exact within ±2^53. */
export function mantissaOf(field: FieldMeta, value: JsValue): number {
  const scaled = toNumber(field, value) * 10 ** field.scale;
  const mantissa = Math.round(scaled);
  if (!Number.isSafeInteger(mantissa)) wrongType(field, 'a number nearer to zero');
  if (Math.abs(scaled - mantissa) > 1e-6 * Math.max(1, Math.abs(scaled) * 1e-9)) {
    wrongType(field, `a number with at most ${field.scale} digits after the point`);
  }
  return mantissa;
}

export function daysOf(text: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return null;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return null;
  return ms / DAY_MS;
}

export function dateText(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/** `asText` keeps a pattern (like) from being read as the field's type. */
export function writeValue(out: ArchiveWriter, field: FieldMeta, value: JsValue | undefined, asText = false): void {
  if (value === null || value === undefined) {
    out.u8(TAG.null);
    return;
  }
  if (asText) {
    out.u8(TAG.text).text(String(value));
    return;
  }
  switch (field.type) {
    case 'boolean':
      if (typeof value !== 'boolean') wrongType(field, 'true or false');
      out.u8(TAG.boolean).bool(value as boolean);
      return;
    case 'integer': {
      const number = toNumber(field, value);
      if (!Number.isSafeInteger(number)) wrongType(field, 'a whole number');
      out.u8(TAG.integer).i64(number);
      return;
    }
    case 'decimal':
      out.u8(TAG.decimal).i64(mantissaOf(field, value)).u8(field.scale);
      return;
    case 'enumeration': {
      const index = field.options.indexOf(String(value));
      if (index < 0) wrongType(field, `one of ${field.options.join(', ')}`);
      out.u8(TAG.integer).i64(index);
      return;
    }
    case 'text':
    case 'long_text':
      if (typeof value !== 'string') wrongType(field, 'text');
      out.u8(TAG.text).text(value as string);
      return;
    case 'reference':
      if (typeof value !== 'string') wrongType(field, 'an id');
      out.u8(TAG.id).id(value as string);
      return;
    case 'timestamp':
      out.u8(TAG.timestamp).i64(Math.round(toNumber(field, value)));
      return;
    case 'date': {
      const days = typeof value === 'string' ? daysOf(value) : null;
      if (days === null) wrongType(field, 'a date like 2026-11-21');
      out.u8(TAG.date).i32(days as number);
      return;
    }
    case 'set': {
      const items = typeof value === 'string' ? [value] : value;
      if (!Array.isArray(items)) wrongType(field, 'a list of texts');
      out.u8(TAG.set).list(items as readonly string[], (item) => out.text(item));
      return;
    }
  }
}

/** A tagged value; `field` tells how to show an enumeration (null: as it is). */
export function readValue(input: ArchiveReader, field: FieldMeta | null): JsValue {
  switch (input.u8()) {
    case TAG.null:
      return null;
    case TAG.boolean:
      return input.bool();
    case TAG.integer: {
      const number = input.i64();
      return field?.type === 'enumeration' ? (field.options[number] ?? null) : number;
    }
    case TAG.decimal: {
      const mantissa = input.i64();
      return mantissa / UNITS[input.u8()]!;
    }
    case TAG.text:
      return input.text();
    case TAG.id:
      return input.id();
    case TAG.timestamp:
      return input.i64();
    case TAG.date:
      return dateText(input.i32());
    case TAG.set:
      return input.list(() => input.text());
    default:
      throw new RangeError('unknown value tag');
  }
}

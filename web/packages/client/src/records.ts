// Packed records (shared/syncline/model/record.hpp) → plain row objects. Fields are read straight from the bytes by
// slot; one decoder per collection, made from the schema's metadata.
import { type BufferBytes, i64At, idAt, isIdAt } from './archive.ts';
import type { CollectionMeta, FieldMeta, SchemaMeta } from './schema_types.ts';
import { dateText, type JsValue } from './value.ts';

/** A row as the application sees it; the generated types (Lead, …) narrow it. */
export interface Row {
  readonly id: string;
  readonly version: number;
  /** The row carries a change that the server has not confirmed yet. */
  readonly $pending: boolean;
  readonly [field: string]: JsValue | Row | readonly Row[] | undefined;
}

/** Of a field or an include: the value; null for what an include brought along. */
export function valueOf(value: Row[string]): JsValue {
  if (value === undefined) return null;
  const related = typeof value === 'object' && value !== null && !(Array.isArray(value) && value.every((item) => typeof item === 'string'));
  return related ? null : (value as JsValue);
}

const HEADER = { size: 0, collection: 4, id: 8, version: 24, presence: 32 } as const;
const NON_ASCII = 0x8000_0000;
const decoder = new TextDecoder();

const ASCII_CODES_MAX = 64;
/** By length. A string that one call makes is flat; joined letter by letter it is a tree, many times as large. */
const CODES = Array.from({ length: ASCII_CODES_MAX + 1 }, (_, length) => new Array<number>(length).fill(0));

// Of the packed record that starts at `start` in its buffer.
export const recordSize = ({ view }: BufferBytes, start: number): number => view.getUint32(start + HEADER.size, true);
export const recordCollection = ({ view }: BufferBytes, start: number): number => view.getUint16(start + HEADER.collection, true);
export const recordId = ({ bytes }: BufferBytes, start: number): string => idAt(bytes, start + HEADER.id);
export const isRecord = ({ bytes }: BufferBytes, start: number, row: Row): boolean => isIdAt(bytes, start + HEADER.id, row.id);

// What a field was before is given along: where it is the same, it is handed on instead of being made anew.
type Before = JsValue | undefined;

function isText(bytes: Uint8Array, from: number, to: number, text: Before): text is string {
  if (typeof text !== 'string' || text.length !== to - from) return false;
  for (let i = from; i < to; i++) if (text.charCodeAt(i - from) !== bytes[i]) return false;
  return true;
}

function textAt({ bytes }: BufferBytes, from: number, to: number, ascii: boolean, before: Before): string {
  if (!ascii) return decoder.decode(bytes.subarray(from, to));
  if (isText(bytes, from, to, before)) return before;
  const codes = CODES[to - from];
  if (!codes) return decoder.decode(bytes.subarray(from, to));
  for (let i = from; i < to; i++) codes[i - from] = bytes[i]!;
  return String.fromCharCode.apply(null, codes);
}

function setAt({ bytes, view }: BufferBytes, from: number, _to: number, _ascii: boolean, before: Before): readonly string[] {
  const items: string[] = [];
  const count = view.getUint32(from, true);
  let at = from + 4;
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(at, true);
    items.push(decoder.decode(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  if (Array.isArray(before) && before.length === count && items.every((item, i) => item === before[i])) return before as readonly string[];
  return Object.freeze(items);
}

function numberReader(field: FieldMeta): (number: number) => JsValue {
  switch (field.type) {
    case 'boolean':
      return (number) => number !== 0;
    case 'decimal': {
      const unit = 10 ** field.scale;
      return (number) => number / unit;
    }
    case 'enumeration':
      return (number) => field.options[number] ?? null;
    case 'date':
      return dateText;
    default:
      return (number) => number;
  }
}

/** Which part of a record a field's value stands in. */
type Form = 'number' | 'id' | 'text';
function formOf(field: FieldMeta): Form {
  if (field.type === 'reference') return 'id';
  return field.type === 'text' || field.type === 'long_text' || field.type === 'set' ? 'text' : 'number';
}

interface Reader {
  readonly name: string;
  /** Its bit in the presence bitmap. */
  readonly byte: number;
  readonly bit: number;
  readonly form: Form;
  readonly number: (number: number) => JsValue;
  readonly text: typeof textAt | typeof setAt;
}

/** Turns packed records of one collection into rows. */
export class RowDecoder {
  /** In the order of their slots. */
  private readonly fields: readonly Reader[];
  private readonly ids: readonly Reader[];
  private readonly values: number;
  /** A row without values; JSON makes objects whose copies are cheap. */
  private readonly empty: Readonly<Record<string, JsValue>>;

  constructor(readonly collection: CollectionMeta) {
    this.values = HEADER.presence + 8 * Math.ceil(collection.slotCount / 64);
    this.fields = collection.fields
      .filter((field) => field.slot >= 0)
      .sort((a, b) => a.slot - b.slot)
      .map((field) => ({
        name: field.name, byte: HEADER.presence + (field.slot >> 3), bit: 1 << (field.slot & 7), form: formOf(field),
        number: numberReader(field), text: field.type === 'set' ? setAt : textAt,
      }));
    this.ids = this.fields.filter(({ form }) => form === 'id');
    const names = ['id', ...this.fields.map(({ name }) => name), 'version', '$pending'];
    const empty = JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))) as Record<string, JsValue>;
    // Every property has held every kind of value, so that all rows have one shape from the first on.
    for (const value of [0, 0.5, '', null]) for (const name of names) empty[name] = value;
    this.empty = empty;
  }

  /**
   * `old`: the same record as it was decoded before; it is the answer where nothing of it differs. Rows are not frozen: that
   * would make a changed one cost ten times as much.
   */
  decode(packed: BufferBytes, start: number, pending: boolean, old?: Row): Row {
    const { bytes, view } = packed;
    let number = start + this.values;
    let id = number;
    let texts = 0;
    for (const { byte, bit, form } of this.fields) {
      if ((bytes[start + byte]! & bit) === 0) continue;
      if (form === 'number') id += 8;
      else if (form === 'text') texts++;
    }
    let end = id;
    for (const { byte, bit } of this.ids) if ((bytes[start + byte]! & bit) !== 0) end += 16;
    let from = end + 4 * texts;
    let row = old ? null : this.fresh(bytes, start);
    for (const field of this.fields) {
      const { name } = field;
      const before = old?.[name] as Before;
      let value: JsValue = null;
      if ((bytes[start + field.byte]! & field.bit) !== 0) {
        if (field.form === 'number') {
          value = field.number(i64At(view, number));
          number += 8;
        } else if (field.form === 'id') {
          value = typeof before === 'string' && isIdAt(bytes, id, before) ? before : idAt(bytes, id);
          id += 16;
        } else {
          const mark = view.getUint32(end, true);
          const to = start + (mark & ~NON_ASCII);
          value = field.text(packed, from, to, mark < NON_ASCII, before);
          end += 4;
          from = to;
        }
      }
      if (old && value === before) continue;
      row ??= { ...old } as Record<string, JsValue>;
      row[name] = value;
    }
    const version = i64At(view, start + HEADER.version);
    if (row === null && version === old!.version && pending === old!.$pending) return old!;
    row ??= { ...old } as Record<string, JsValue>;
    row['version'] = version;
    row['$pending'] = pending;
    return row as Row;
  }

  // A copy of an object that has all properties already is much cheaper than one that gets them one after another.
  private fresh(bytes: Uint8Array, start: number): Record<string, JsValue> {
    const row: Record<string, JsValue> = { ...this.empty };
    row['id'] = idAt(bytes, start + HEADER.id);
    return row;
  }
}

/** All decoders of a schema, by collection id. */
export function makeDecoders(schema: SchemaMeta): ReadonlyMap<number, RowDecoder> {
  return new Map(schema.collections.map((collection) => [collection.id, new RowDecoder(collection)]));
}

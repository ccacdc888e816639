// Packed records (shared/syncline/model/record.hpp) → plain frozen row objects. Fields are read straight from the bytes by
// slot; one decoder per collection, made from the schema's metadata.
import { idAt } from './archive.ts';
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

const HEADER = { size: 0, collection: 4, id: 8, version: 24, presence: 32 } as const;
export const RECORD_ID_AT = HEADER.id;
const NON_ASCII = 0x8000_0000;
const decoder = new TextDecoder();

const ASCII_LOOP_MAX = 64;

/** A buffer with packed records in it; `view` covers the same bytes. */
export interface PackedBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}
export function packedBytes(bytes: Uint8Array): PackedBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

// Of the record that starts at `start`.
export const recordSize = ({ view }: PackedBytes, start: number): number => view.getUint32(start + HEADER.size, true);
export const recordCollection = ({ view }: PackedBytes, start: number): number => view.getUint16(start + HEADER.collection, true);
export const recordId = ({ bytes }: PackedBytes, start: number): string => idAt(bytes, start + HEADER.id);

// Mantissas and times stay within ±2^53 (SEMANTICS 42), so two halves are exact and cheaper than a BigInt.
function integerAt(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 4294967296 + view.getUint32(at, true);
}

function textAt({ bytes, view }: PackedBytes, start: number, at: number): string {
  const from = start + view.getUint32(at, true);
  const length = view.getUint32(at + 4, true);
  if (length >= NON_ASCII) return decoder.decode(bytes.subarray(from, from + (length - NON_ASCII)));
  if (length > ASCII_LOOP_MAX) return decoder.decode(bytes.subarray(from, from + length));
  let text = '';
  for (let i = from; i < from + length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

function setAt({ bytes, view }: PackedBytes, start: number, at: number): readonly string[] {
  let cursor = start + view.getUint32(at, true);
  const items: string[] = [];
  const count = view.getUint32(cursor, true);
  cursor += 4;
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(cursor, true);
    items.push(decoder.decode(bytes.subarray(cursor + 4, cursor + 4 + length)));
    cursor += 4 + length;
  }
  return Object.freeze(items);
}

/** Reads the slot at `at` of the record at `start`. */
type FieldReader = (packed: PackedBytes, start: number, at: number) => JsValue;

function readerOf(field: FieldMeta): FieldReader {
  switch (field.type) {
    case 'boolean':
      return (packed, _, at) => integerAt(packed.view, at) !== 0;
    case 'integer':
    case 'timestamp':
      return (packed, _, at) => integerAt(packed.view, at);
    case 'decimal': {
      const unit = 10 ** field.scale;
      return (packed, _, at) => integerAt(packed.view, at) / unit;
    }
    case 'enumeration':
      return (packed, _, at) => field.options[integerAt(packed.view, at)] ?? null;
    case 'date':
      return (packed, _, at) => dateText(integerAt(packed.view, at));
    case 'text':
    case 'long_text':
      return textAt;
    case 'set':
      return setAt;
    case 'reference':
      return (packed, start, at) => idAt(packed.bytes, start + packed.view.getUint32(at, true));
  }
}

/** Turns packed records of one collection into rows. */
export class RowDecoder {
  /** In the order of their slots. */
  private readonly fields: readonly { readonly name: string; readonly slot: number; readonly read: FieldReader }[];
  private readonly slots: number;

  constructor(readonly collection: CollectionMeta) {
    this.slots = HEADER.presence + 8 * Math.ceil(collection.slotCount / 64);
    this.fields = collection.fields
      .filter((field) => field.slot >= 0)
      .sort((a, b) => a.slot - b.slot)
      .map((field) => ({ name: field.name, slot: field.slot, read: readerOf(field) }));
  }

  /** `includes` become properties of the row (`company`), null where there is none. */
  decode(packed: PackedBytes, start: number, pending: boolean, includes?: Readonly<Record<string, Row | null>>): Row {
    const { bytes, view } = packed;
    const row: Record<string, JsValue | Row> = { id: idAt(bytes, start + HEADER.id) };
    // Only what is not null has a slot.
    let at = start + this.slots;
    for (const { name, slot, read } of this.fields) {
      if ((bytes[start + HEADER.presence + (slot >> 3)]! >> (slot & 7)) & 1) {
        row[name] = read(packed, start, at);
        at += 8;
      } else {
        row[name] = null;
      }
    }
    row['version'] = integerAt(view, start + HEADER.version);
    row['$pending'] = pending;
    if (includes) Object.assign(row, includes);
    return Object.freeze(row) as Row;
  }
}

/** All decoders of a schema, by collection id. */
export function makeDecoders(schema: SchemaMeta): ReadonlyMap<number, RowDecoder> {
  return new Map(schema.collections.map((collection) => [collection.id, new RowDecoder(collection)]));
}

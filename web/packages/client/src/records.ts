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

const HEADER = { size: 0, collection: 4, slots: 6, id: 8, version: 24, presence: 32 } as const;
const NON_ASCII = 0x8000_0000;
const decoder = new TextDecoder();

type FieldReader = (record: PackedRecord, at: number) => JsValue;

/** A view of one record inside a buffer. */
export class PackedRecord {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  /** `offset`: where the record starts in `buffer`. */
  constructor(buffer: Uint8Array, offset: number) {
    const head = new DataView(buffer.buffer, buffer.byteOffset + offset, 8);
    this.bytes = buffer.subarray(offset, offset + head.getUint32(HEADER.size, true));
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }
  get size(): number {
    return this.bytes.length;
  }
  get collectionId(): number {
    return this.view.getUint16(HEADER.collection, true);
  }
  get id(): string {
    return idAt(this.bytes, HEADER.id);
  }
  get version(): number {
    return Number(this.view.getBigUint64(HEADER.version, true));
  }
  has(slot: number): boolean {
    return ((this.bytes[HEADER.presence + (slot >> 3)]! >> (slot & 7)) & 1) === 1;
  }
  /** Where the slot's 8 bytes are. */
  slotAt(slot: number): number {
    const slots = this.view.getUint16(HEADER.slots, true);
    return HEADER.presence + 8 * Math.ceil(slots / 64) + 8 * slot;
  }
  integer(at: number): number {
    // Mantissas and times stay within ±2^53 (SEMANTICS 42), so two halves are exact and cheaper than a BigInt.
    return this.view.getInt32(at + 4, true) * 4294967296 + this.view.getUint32(at, true);
  }
  text(at: number): string {
    const start = this.view.getUint32(at, true);
    const length = this.view.getUint32(at + 4, true);
    return this.textOf(start, length);
  }
  private textOf(start: number, length: number): string {
    if (length >= NON_ASCII) return decoder.decode(this.bytes.subarray(start, start + (length - NON_ASCII)));
    if (length > 64) return decoder.decode(this.bytes.subarray(start, start + length));
    let text = '';
    for (let i = start; i < start + length; i++) text += String.fromCharCode(this.bytes[i]!);
    return text;
  }
  set(at: number): readonly string[] {
    let cursor = this.view.getUint32(at, true);
    const items: string[] = [];
    const count = this.view.getUint32(cursor, true);
    cursor += 4;
    for (let i = 0; i < count; i++) {
      const length = this.view.getUint32(cursor, true);
      items.push(decoder.decode(this.bytes.subarray(cursor + 4, cursor + 4 + length)));
      cursor += 4 + length;
    }
    return Object.freeze(items);
  }
}

function readerOf(field: FieldMeta): FieldReader {
  switch (field.type) {
    case 'boolean':
      return (record, at) => record.integer(at) !== 0;
    case 'integer':
    case 'timestamp':
      return (record, at) => record.integer(at);
    case 'decimal': {
      const unit = 10 ** field.scale;
      return (record, at) => record.integer(at) / unit;
    }
    case 'enumeration':
      return (record, at) => field.options[record.integer(at)] ?? null;
    case 'date':
      return (record, at) => dateText(record.integer(at));
    case 'text':
    case 'long_text':
      return (record, at) => record.text(at);
    case 'set':
      return (record, at) => record.set(at);
    case 'reference':
      return (record, at) => idAt(record.bytes, record.view.getUint32(at, true));
  }
}

/** Turns packed records of one collection into rows. */
export class RowDecoder {
  private readonly fields: readonly { name: string; slot: number; read: FieldReader }[];

  constructor(readonly collection: CollectionMeta) {
    this.fields = collection.fields
      .filter((field) => field.slot >= 0)
      .map((field) => ({ name: field.name, slot: field.slot, read: readerOf(field) }));
  }

  decode(record: PackedRecord, pending: boolean): Row {
    const row: Record<string, JsValue> = { id: record.id };
    for (const { name, slot, read } of this.fields) {
      row[name] = record.has(slot) ? read(record, record.slotAt(slot)) : null;
    }
    row['version'] = record.version;
    row['$pending'] = pending;
    return Object.freeze(row) as Row;
  }
}

/** All decoders of a schema, by collection id. */
export function makeDecoders(schema: SchemaMeta): ReadonlyMap<number, RowDecoder> {
  return new Map(schema.collections.map((collection) => [collection.id, new RowDecoder(collection)]));
}

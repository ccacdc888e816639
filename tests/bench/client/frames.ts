// The server's side of Syncline's protocol (shared/syncline/protocol/PROTOCOL.md): packed records and frames as it would
// send them. The core checks every byte of them and ends the connection over a wrong one, so a mistake here is an error.
import { ArchiveWriter, idBytes } from '../../../web/packages/client/src/archive.ts';
import { schema } from '../../../web/packages/client/src/generated/schema.ts';
import type { CollectionMeta, FieldMeta } from '../../../web/packages/client/src/schema_types.ts';

const encoder = new TextEncoder();
const NON_ASCII = 0x8000_0000;
const NO_ERROR = 0;
/** shared/syncline/protocol/version.hpp */
const PROTOCOL = 3;

export function collectionOf(name: string): CollectionMeta {
  return schema.collections.find((collection) => collection.name === name)!;
}

function numberOf(field: FieldMeta, value: unknown): number {
  if (field.type === 'enumeration') return field.options.indexOf(String(value));
  if (field.type === 'decimal') return Math.round(Number(value) * 10 ** field.scale);
  return Number(value);
}

/** Rows of one collection as packed records (wasm/ABI.md). */
export class Packer {
  private readonly fields: readonly FieldMeta[];
  private readonly head: number;
  constructor(private readonly collection: CollectionMeta) {
    this.fields = collection.fields.filter((field) => field.slot >= 0).sort((a, b) => a.slot - b.slot);
    this.head = 32 + 8 * Math.ceil(this.fields.length / 64);
  }

  pack(row: Readonly<Record<string, unknown>>, version: number): Uint8Array {
    const present = this.fields.flatMap((field, slot) => (row[field.name] === undefined || row[field.name] === null ? [] : [{ field, slot }]));
    const ids = present.filter(({ field }) => field.type === 'reference');
    const texts = present.filter(({ field }) => field.type === 'text' || field.type === 'long_text');
    const contents = texts.map(({ field }) => encoder.encode(String(row[field.name])));
    let number = this.head;
    let id = number + 8 * (present.length - ids.length - texts.length);
    let end = id + 16 * ids.length;
    let at = end + 4 * texts.length;
    const size = contents.reduce((sum, content) => sum + content.length, at);
    const bytes = new Uint8Array(Math.ceil(size / 8) * 8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint16(4, this.collection.id, true);
    view.setUint16(6, this.fields.length, true);
    bytes.set(idBytes(String(row['id'])), 8);
    view.setBigUint64(24, BigInt(version), true);
    for (const { field, slot } of present) {
      bytes[32 + (slot >> 3)]! |= 1 << (slot & 7);
      if (field.type === 'text' || field.type === 'long_text') continue;
      if (field.type === 'reference') {
        bytes.set(idBytes(String(row[field.name])), id);
        id += 16;
      } else {
        view.setBigInt64(number, BigInt(numberOf(field, row[field.name])), true);
        number += 8;
      }
    }
    for (const content of contents) {
      bytes.set(content, at);
      at += content.length;
      view.setUint32(end, at + (content.every((byte) => byte < 0x80) ? 0 : NON_ASCII), true);
      end += 4;
    }
    return bytes;
  }
}

export interface Group {
  readonly key: number;
  readonly count: number;
  /** A decimal with two digits. */
  readonly sum: number;
}
export interface Segment {
  readonly query: number;
  readonly snapshot: boolean;
  readonly puts: readonly Uint8Array[];
  /** Ids of rows that left this query. */
  readonly removals: readonly string[];
  readonly groups: readonly Group[];
}

function writeSegment(out: ArchiveWriter, collection: number, segment: Segment): void {
  const body = new ArchiveWriter();
  body.list(segment.puts, (put) => body.bytes(put));
  body.list(segment.removals, (id) => body.u16(collection).id(id));
  body.list(segment.groups, (group) => {
    // key, rows, values (count, sum), averaged, no previous
    body.bool(group.count === 0).u32(1).u8(2).i64(group.key).i64(group.count);
    body.u32(2).u8(2).i64(group.count).u8(3).i64(Math.round(group.sum * 100)).u8(2).u32(0).bool(false);
  });
  out.u32(segment.query).u8(segment.snapshot ? 1 : 0).u32(0).bytes(body.finish());
}

export function welcome(user: string): Uint8Array {
  const id = '00000000-0000-7000-8000-000000000001';
  return new ArchiveWriter().u8(0).u32(PROTOCOL).id(id).u64(1).id(id).id(user).u8(0).i64(Date.now()).finish();
}
export function pong(ping: Uint8Array): Uint8Array {
  return new ArchiveWriter().u8(3).raw(ping.subarray(1)).i64(Date.now()).finish();
}
export function poke(version: number, collection: number, segments: readonly Segment[]): Uint8Array {
  const out = new ArchiveWriter().u8(1).u64(version).u32(0);
  out.list(segments, (segment) => writeSegment(out, collection, segment));
  return out.finish();
}
/** "No" to mutation `sequence` of this client. */
export function rejection(version: number, client: Uint8Array, sequence: number): Uint8Array {
  const out = new ArchiveWriter().u8(1).u64(version).u32(1).raw(client);
  out.u64(sequence).u8(3).u64(version);
  out.u16(schema.errorCodes.indexOf('rule_violation')).text('The server says no.').u32(NO_ERROR);
  return out.u32(0).u32(0).u32(0).finish();
}

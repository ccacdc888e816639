// The rows of a window as the core packs them (wasm/ABI.md), decoded. Rows that are the same as before stay the same objects, also
// among those that others bring along.
import { type BufferBytes, bufferBytes } from './archive.ts';
import type { IncludeSpec } from './query.ts';
import { recordCollection, recordId, recordSize, type Row, type RowDecoder } from './records.ts';

/** The row that the record at `start` was before, if it was there. */
export type Known = (packed: BufferBytes, start: number) => Row | undefined;

type Decoders = ReadonlyMap<number, RowDecoder>;

const COUNT_AT = 8;
const RELATED_COUNT_AT = 12;
const WINDOW_HEADER = 16;
const ROW_HEADER = 8;
const PENDING = 1;
const RELATED_PER_ROW_MAX = 4;
const RELATED_MAX = 1_000;

export interface WindowReader {
  /** `whole`: these are all rows from now on; else `shown` are there, and these are among them. */
  read(bytes: Uint8Array, whole: boolean, shown: number, known: Known): Row[];
}

export function windowReader(decoders: Decoders, includes: readonly IncludeSpec[]): WindowReader {
  return includes.length === 0 ? new PlainRows(decoders) : new JoinedRows(decoders, includes);
}

/** The row at `start`, or `old` where it is the same. */
function decode(decoders: Decoders, packed: BufferBytes, start: number, old: Row | undefined): Row {
  const collection = recordCollection(packed, start + ROW_HEADER);
  const decoder = decoders.get(collection);
  if (!decoder) throw new Error(`no decoder for collection ${collection}`);
  const pending = (packed.view.getUint32(start, true) & PENDING) !== 0;
  return decoder.decode(packed, start + ROW_HEADER, pending, old);
}

const next = (packed: BufferBytes, start: number): number => start + ROW_HEADER + recordSize(packed, start + ROW_HEADER);

class PlainRows implements WindowReader {
  constructor(private readonly decoders: Decoders) {}

  read(bytes: Uint8Array, _whole: boolean, _shown: number, known: Known): Row[] {
    const packed = bufferBytes(bytes.buffer);
    const rows: Row[] = [];
    let at = bytes.byteOffset + WINDOW_HEADER;
    for (let left = packed.view.getUint32(bytes.byteOffset + COUNT_AT, true); left > 0; left--) {
      rows.push(decode(this.decoders, packed, at, known(packed, at + ROW_HEADER)));
      at = next(packed, at);
    }
    return rows;
  }
}

/** Rows that bring others along. */
class JoinedRows implements WindowReader {
  /** What is brought along, by collection and id. */
  private related: Related = new Related();
  /** A row with what it brings along → the row alone. */
  private readonly bare = new WeakMap<Row, Row>();

  constructor(private readonly decoders: Decoders, private readonly includes: readonly IncludeSpec[]) {}

  read(bytes: Uint8Array, whole: boolean, shown: number, known: Known): Row[] {
    const packed = bufferBytes(bytes.buffer);
    const { view } = packed;
    const count = view.getUint32(bytes.byteOffset + COUNT_AT, true);
    const starts: number[] = [];
    let at = bytes.byteOffset + WINDOW_HEADER;
    for (let left = count + view.getUint32(bytes.byteOffset + RELATED_COUNT_AT, true); left > 0; left--) {
      starts.push(at);
      at = next(packed, at);
    }
    const before = this.related;
    // Also when the list is never sent as a whole: what rows brought along that are long gone is let go.
    if (whole || before.size > RELATED_PER_ROW_MAX * shown + RELATED_MAX) this.related = new Related();
    const related: Row[] = [];
    for (let i = count; i < starts.length; i++) related.push(this.relatedRow(before, packed, starts[i]!));
    const links = new Links(view, at, related);
    const rows: Row[] = [];
    for (let i = 0; i < count; i++) {
      const old = known(packed, starts[i]! + ROW_HEADER);
      const bare = decode(this.decoders, packed, starts[i]!, old && this.bare.get(old));
      rows.push(this.withIncludes(bare, this.includes, old, links));
    }
    return rows;
  }

  private relatedRow(before: Related, packed: BufferBytes, start: number): Row {
    const collection = recordCollection(packed, start + ROW_HEADER);
    const old = before.find(collection, packed, start + ROW_HEADER);
    const row = decode(this.decoders, packed, start, old);
    if (row !== old || before !== this.related) this.related.set(collection, row);
    return row;
  }

  /** The row with its related rows as properties; `old` itself where nothing of it differs. */
  private withIncludes(bare: Row, includes: readonly IncludeSpec[], old: Row | undefined, links: Links): Row {
    const added: Record<string, Row | readonly Row[] | null> = {};
    let same = old !== undefined && this.bare.get(old) === bare;
    for (const { name, relation, includes: inner } of includes) {
      const before = old?.[name];
      const known = (Array.isArray(before) ? before : before ? [before] : []) as readonly Row[];
      const rows = links.list((row) =>
        inner.length === 0 ? row : this.withIncludes(row, inner, known.find((each) => each.id === row.id), links));
      if (!relation.includes('.')) added[name] = rows[0] ?? null;
      else added[name] = Array.isArray(before) && sameItems(rows, before) ? known : rows;
      same &&= added[name] === before;
    }
    if (same) return old!;
    const row = { ...bare, ...added } as Row;
    this.bare.set(row, bare);
    return row;
  }
}

class Related {
  private readonly byCollection = new Map<number, Map<string, Row>>();
  size = 0;

  /** What the record at `start` was before. */
  find(collection: number, packed: BufferBytes, start: number): Row | undefined {
    return this.byCollection.get(collection)?.get(recordId(packed, start));
  }
  set(collection: number, row: Row): void {
    let rows = this.byCollection.get(collection);
    if (!rows) this.byCollection.set(collection, (rows = new Map()));
    const before = rows.size;
    rows.set(row.id, row);
    this.size += rows.size - before;
  }
}

/** The end of a window: which row brings along which related records, in the order of the includes. */
class Links {
  constructor(private readonly view: DataView, private at: number, private readonly related: readonly Row[]) {}
  private next(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  list(make: (row: Row) => Row): Row[] {
    const rows: Row[] = [];
    for (let left = this.next(); left > 0; left--) rows.push(make(this.related[this.next()]!));
    return rows;
  }
}

export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

// A live query in the tab: keeps the decoded rows of one window and applies the host's updates. An unchanged row stays the
// same object and `rows` stays the same array until something changes, so React skips what did not move.
import { ArchiveReader } from './archive.ts';
import { applyEdits } from './host/view_edits.ts';
import type { QueryStatus, QueryUpdate, RowWindow } from './host/messages.ts';
import type { EngineError } from './host/wire.ts';
import { type AggregateRow, type AggregateSpec, type Figures, fieldOf, groupField, type IncludeSpec, type Query } from './query.ts';
import { type PackedBytes, packedBytes, RECORD_ID_AT, recordCollection, recordId, recordSize, type Row, type RowDecoder } from './records.ts';
import type { CollectionMeta, SchemaMeta } from './schema_types.ts';
import { type JsValue, readValue } from './value.ts';

export interface LiveResult<T> {
  readonly rows: readonly T[];
  /** Length of the whole result; `rows` is a window of it where one was asked for. */
  readonly total: number;
  readonly status: QueryStatus;
  readonly error: EngineError | null;
}

/** A row and the bytes that it was made from, by which an unchanged one is known. */
interface Entry {
  readonly row: Row;
  readonly packed: PackedBytes;
  readonly start: number;
  readonly pending: boolean;
  readonly collection: number;
}
/** What a live query needs of its database. */
export interface LiveQueryOwner {
  idle(): void;
  moved(window: RowWindow): void;
}

const WINDOW_HEADER = 16;
const ROW_HEADER = 8;
const PENDING = 1;

/** The entry that the record at `start` was before, if it was there. */
type Known = (packed: PackedBytes, start: number) => Entry | undefined;

function hasSameId(entry: Entry, packed: PackedBytes, start: number): boolean {
  const a = entry.start + RECORD_ID_AT;
  const b = start + RECORD_ID_AT;
  for (let i = 0; i < 16; i += 4) {
    if (entry.packed.view.getUint32(a + i, true) !== packed.view.getUint32(b + i, true)) return false;
  }
  return true;
}

function isSame(entry: Entry, packed: PackedBytes, start: number, pending: boolean): boolean {
  const size = recordSize(packed, start);
  if (entry.pending !== pending || recordSize(entry.packed, entry.start) !== size) return false;
  // Records are 8-aligned and padded with zeros: four bytes at a time.
  for (let i = 0; i < size; i += 4) {
    if (entry.packed.view.getUint32(entry.start + i, true) !== packed.view.getUint32(start + i, true)) return false;
  }
  return true;
}

export class LiveQuery<T = unknown> {
  /** Its own: altered in place, while the rows that were handed out stay as they are. */
  private entries: (Entry | undefined)[] = [];
  private related = new Map<string, Entry>();
  private snapshot: LiveResult<T> = { rows: [], total: 0, status: 'loading', error: null };
  private readonly listeners = new Set<() => void>();
  private readonly includes: readonly IncludeSpec[];
  /** A row with what it brings along → the row alone. */
  private readonly bare = new WeakMap<Row, Row>();

  constructor(
    readonly query: Query<T>,
    private shown: RowWindow,
    private readonly decoders: ReadonlyMap<number, RowDecoder>,
    private readonly owner: LiveQueryOwner,
  ) {
    this.includes = query.spec.includes;
  }

  /** The result now: the same object until something changes. */
  get result(): LiveResult<T> {
    return this.snapshot;
  }
  get rows(): readonly T[] {
    return this.snapshot.rows;
  }
  get status(): QueryStatus {
    return this.snapshot.status;
  }
  get hasReaders(): boolean {
    return this.listeners.size > 0;
  }

  /** Calls back after every change; returns the end of it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      if (this.listeners.delete(listener) && this.listeners.size === 0) this.owner.idle();
    };
  }

  get window(): RowWindow {
    return this.shown;
  }
  /** Shows other rows of the same result; those that stay remain the same objects. For queries that were watched with a window. */
  setWindow(first: number, count: number): void {
    if (first === this.shown.first && count === this.shown.count) return;
    this.shown = { first, count };
    this.owner.moved(this.shown);
  }

  /** @internal The host's word. */
  apply(update: QueryUpdate): void {
    let { rows } = this.snapshot;
    if (this.query.spec.aggregate) {
      if (update.groups) rows = this.readGroups(update.groups);
    } else {
      rows = this.applyRows(update) as readonly T[];
    }
    this.snapshot = { rows, total: this.query.spec.aggregate ? rows.length : update.total, status: update.status, error: update.error };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** @internal The host is gone; what is shown stays. */
  fail(error: EngineError): void {
    this.snapshot = { ...this.snapshot, status: 'error', error };
    this.tell();
  }

  /** The rows after it: the same array where none differs. */
  private applyRows(update: QueryUpdate): readonly unknown[] {
    const before = this.snapshot.rows;
    if (update.whole) {
      const old = new Map(this.entries.map((entry) => [entry!.row.id, entry!]));
      const entries = this.readWindow(update.windows[0]!, true, (packed, start) => old.get(recordId(packed, start)));
      this.entries = entries;
      const rows = entries.map((entry) => entry.row);
      return sameItems(rows, before) ? before : rows;
    }
    if (update.edits.length === 0) return before;
    const { entries } = this;
    const rows: unknown[] = before.slice();
    const gone: Entry[] = [];
    applyEdits(entries, rows, update.edits, gone);
    // A row that moved, or that was replaced, is among those that were taken out.
    const known: Known = (packed, start) => gone.find((entry) => hasSameId(entry, packed, start));
    update.positions.forEach((position, i) => {
      const entry = this.readWindow(update.windows[i]!, false, known)[0];
      if (!entry) throw new Error('the host sent an edit without its row');
      entries[position] = entry;
      rows[position] = entry.row;
    });
    return rows.length === before.length && sameItems(rows, before) ? before : rows;
  }

  private readWindow(bytes: Uint8Array, whole: boolean, known: Known): Entry[] {
    const packed = packedBytes(bytes);
    const { view } = packed;
    const starts: number[] = [];
    const count = view.getUint32(8, true);
    let at = WINDOW_HEADER;
    for (let left = count + view.getUint32(12, true); left > 0; left--) {
      starts.push(at);
      at += ROW_HEADER + recordSize(packed, at + ROW_HEADER);
    }
    const pendingAt = (at: number): boolean => (view.getUint32(at, true) & PENDING) !== 0;
    const before = this.related;
    if (whole) this.related = new Map();
    const related = starts.slice(count).map((start) => this.relatedEntry(before, packed, start + ROW_HEADER, pendingAt(start)));
    const links = new Links(bytes, at, related);
    return starts.slice(0, count).map((at) => this.entryOf(packed, at + ROW_HEADER, pendingAt(at), known, links));
  }

  private relatedEntry(before: ReadonlyMap<string, Entry>, packed: PackedBytes, start: number, pending: boolean): Entry {
    const key = keyOf(recordCollection(packed, start), recordId(packed, start));
    const known = before.get(key);
    const entry = known && isSame(known, packed, start, pending) ? known : this.decode(packed, start, pending);
    this.related.set(key, entry);
    return entry;
  }

  private decode(packed: PackedBytes, start: number, pending: boolean): Entry {
    const collection = recordCollection(packed, start);
    const decoder = this.decoders.get(collection);
    if (!decoder) throw new Error(`no decoder for collection ${collection}`);
    return { row: decoder.decode(packed, start, pending), packed, start, pending, collection };
  }

  private entryOf(packed: PackedBytes, start: number, pending: boolean, known: Known, links: Links): Entry {
    const old = known(packed, start);
    const same = old !== undefined && isSame(old, packed, start, pending);
    if (this.includes.length === 0) return same ? old : this.decode(packed, start, pending);
    const oldBare = same ? this.bare.get(old.row) : undefined;
    const entry = oldBare ? { ...old!, row: oldBare } : this.decode(packed, start, pending);
    const row = this.withIncludes(entry.row, this.includes, old?.row, links);
    return oldBare && row === old!.row ? old! : { ...entry, row };
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
      else added[name] = Array.isArray(before) && sameItems(rows, before) ? known : Object.freeze(rows);
      same &&= added[name] === before;
    }
    if (same) return old!;
    const row = Object.freeze({ ...bare, ...added }) as Row;
    this.bare.set(row, bare);
    return row;
  }

  private readGroups(bytes: Uint8Array): readonly T[] {
    const input = new ArchiveReader(bytes);
    const { schema, collection, spec } = this.query;
    const rows = input.list(() => readAggregateRow(input, schema, collection, spec.aggregate!));
    return rows as unknown as readonly T[];
  }
}

const keyOf = (collection: number, id: string) => `${collection} ${id}`;

/** The end of a window: which row brings along which related records, in the order of the includes. */
class Links {
  private readonly view: DataView;
  constructor(bytes: Uint8Array, private at: number, private readonly related: readonly Entry[]) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  private next(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  list(make: (row: Row) => Row): Row[] {
    return Array.from({ length: this.next() }, () => make(this.related[this.next()]!.row));
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function readFigures(input: ArchiveReader, collection: CollectionMeta, aggregate: AggregateSpec): Figures {
  const rows = input.i64();
  let next = 0;
  const values = input.list(() => {
    const term = aggregate.terms[next++];
    const extreme = term?.aggregator === 'min' || term?.aggregator === 'max';
    return readValue(input, extreme ? fieldOf(collection, term.field!) : null);
  });
  input.list(() => readValue(input, null)); // of averages: sums and counts, for the engine
  const sums: Record<string, number> = {};
  const averages: Record<string, number | null> = {};
  const distinct: Record<string, number> = {};
  const mins: Record<string, JsValue> = {};
  const maxs: Record<string, JsValue> = {};
  aggregate.terms.forEach(({ aggregator, field }, i) => {
    const value = values[i] ?? null;
    if (aggregator === 'sum') sums[field!] = Number(value);
    else if (aggregator === 'avg') averages[field!] = value === null ? null : Number(value);
    else if (aggregator === 'countDistinct') distinct[field!] = Number(value);
    else if (aggregator === 'min') mins[field!] = value;
    else if (aggregator === 'max') maxs[field!] = value;
  });
  return { rows, count: rows, sums, averages, distinct, mins, maxs };
}

function readAggregateRow(input: ArchiveReader, schema: SchemaMeta, collection: CollectionMeta, aggregate: AggregateSpec): AggregateRow {
  let next = 0;
  const keys = input.list(() => {
    const key = aggregate.groupBy[next++];
    return readValue(input, key && key.period === 'none' ? groupField(schema, collection, key).field : null);
  });
  const figures = readFigures(input, collection, aggregate);
  const previous = input.bool() ? readFigures(input, collection, aggregate) : null;
  return Object.freeze({ key: keys[0] ?? null, keys, ...figures, previous });
}

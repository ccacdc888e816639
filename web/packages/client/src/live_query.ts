// A live query in the tab: keeps the decoded rows of one window and applies the host's updates. An unchanged row stays the
// same object and `rows` stays the same array until something changes, so React skips what did not move.
import { ArchiveReader } from './archive.ts';
import { applyEdits } from './host/view_edits.ts';
import type { QueryStatus, QueryUpdate } from './host/messages.ts';
import type { EngineError } from './host/wire.ts';
import { type AggregateRow, type AggregateSpec, type Figures, fieldOf, groupField, type IncludeSpec, type Query } from './query.ts';
import { PackedRecord, type Row, type RowDecoder } from './records.ts';
import type { CollectionMeta, SchemaMeta } from './schema_types.ts';
import { type JsValue, readValue } from './value.ts';

export interface LiveResult<T> {
  readonly rows: readonly T[];
  readonly status: QueryStatus;
  readonly error: EngineError | null;
}

interface Entry {
  readonly row: Row;
  readonly bytes: Uint8Array;
  readonly pending: boolean;
  readonly collection: number;
}

const WINDOW_HEADER = 16;
const ROW_HEADER = 8;
const PENDING = 1;

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export class LiveQuery<T = unknown> {
  private entries: readonly Entry[] = [];
  private related = new Map<string, Entry>();
  private snapshot: LiveResult<T> = { rows: [], status: 'loading', error: null };
  private readonly listeners = new Set<() => void>();
  private readonly includes: readonly IncludeSpec[];
  /** A row with what it brings along → the row alone. */
  private readonly bare = new WeakMap<Row, Row>();

  constructor(
    readonly query: Query<T>,
    private readonly decoders: ReadonlyMap<number, RowDecoder>,
    private readonly onIdle: (query: LiveQuery<T>) => void,
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
      if (this.listeners.delete(listener) && this.listeners.size === 0) this.onIdle(this);
    };
  }

  /** @internal The host's word. */
  apply(update: QueryUpdate): void {
    const rows = this.query.spec.aggregate
      ? update.groups ? this.readGroups(update.groups) : this.snapshot.rows
      : (this.applyRows(update), this.entries.map((entry) => entry.row) as unknown as readonly T[]);
    this.snapshot = { rows: sameItems(rows, this.snapshot.rows) ? this.snapshot.rows : rows, status: update.status, error: update.error };
    for (const listener of [...this.listeners]) listener();
  }

  /** @internal The host is gone; what is shown stays. */
  fail(error: EngineError): void {
    this.snapshot = { ...this.snapshot, status: 'error', error };
    for (const listener of [...this.listeners]) listener();
  }

  private applyRows(update: QueryUpdate): void {
    if (update.whole) {
      const old = new Map(this.entries.map((entry) => [entry.row.id, entry]));
      this.entries = this.readWindow(update.windows[0]!, true, old);
      return;
    }
    if (update.edits.length === 0) return;
    const fresh = new Map<number, Entry>();
    update.positions.forEach((position, i) => {
      const [entry] = this.readWindow(update.windows[i]!, false, new Map());
      if (entry) fresh.set(position, entry);
    });
    this.entries = applyEdits(this.entries, update.edits, (position) => {
      const entry = fresh.get(position);
      if (!entry) throw new Error('the host sent an edit without its row');
      return entry;
    });
  }

  private readWindow(bytes: Uint8Array, whole: boolean, old: ReadonlyMap<string, Entry>): Entry[] {
    const head = new DataView(bytes.buffer, bytes.byteOffset, WINDOW_HEADER);
    const count = head.getUint32(8, true);
    const packed: { record: PackedRecord; pending: boolean }[] = [];
    let at = WINDOW_HEADER;
    for (let i = count + head.getUint32(12, true); i > 0; i--) {
      const flags = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
      const record = new PackedRecord(bytes, at + ROW_HEADER);
      packed.push({ record, pending: (flags & PENDING) !== 0 });
      at += ROW_HEADER + record.size;
    }
    const related = packed.slice(count).map(({ record, pending }) => this.relatedEntry(record, pending));
    if (whole) this.related = new Map();
    for (const entry of related) this.related.set(keyOf(entry.collection, entry.row.id), entry);
    const links = new Links(bytes, at, related);
    return packed.slice(0, count).map(({ record, pending }) => this.entryOf(record, pending, old.get(record.id), links));
  }

  private relatedEntry(record: PackedRecord, pending: boolean): Entry {
    const known = this.related.get(keyOf(record.collectionId, record.id));
    return known && known.pending === pending && sameBytes(known.bytes, record.bytes) ? known : this.decode(record, pending);
  }

  private decode(record: PackedRecord, pending: boolean): Entry {
    const decoder = this.decoders.get(record.collectionId);
    if (!decoder) throw new Error(`no decoder for collection ${record.collectionId}`);
    return { row: decoder.decode(record, pending), bytes: record.bytes, pending, collection: record.collectionId };
  }

  private entryOf(record: PackedRecord, pending: boolean, old: Entry | undefined, links: Links): Entry {
    const same = old && old.pending === pending && sameBytes(old.bytes, record.bytes);
    if (this.includes.length === 0) return same ? old : this.decode(record, pending);
    const oldBare = same ? this.bare.get(old.row) : undefined;
    const entry = oldBare ? { ...old!, row: oldBare } : this.decode(record, pending);
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

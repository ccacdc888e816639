// A live query in the tab: keeps the decoded rows of one window and applies the host's updates. An unchanged row stays the
// same object and `rows` stays the same array until something changes, so React skips what did not move.
import { ArchiveReader } from './archive.ts';
import { applyEdits } from './host/view_edits.ts';
import type { QueryStatus, QueryUpdate, RowWindow } from './host/messages.ts';
import type { EngineError } from './host/wire.ts';
import { type AggregateRow, fieldOf, includeField, type Query } from './query.ts';
import { type PackedBytes, packedBytes, recordCollection, recordId, recordSize, type Row, type RowDecoder } from './records.ts';
import type { CollectionMeta } from './schema_types.ts';
import { readValue } from './value.ts';

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
}
/** What a live query needs of its database. */
export interface LiveQueryOwner {
  idle(): void;
  moved(window: RowWindow): void;
}

const WINDOW_HEADER = 16;
const ROW_HEADER = 8;
const PENDING = 1;

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
  private entries: readonly Entry[] = [];
  private related = new Map<string, Entry>();
  private snapshot: LiveResult<T> = { rows: [], total: 0, status: 'loading', error: null };
  private readonly listeners = new Set<() => void>();
  private readonly includes: readonly { readonly name: string; readonly idField: string; readonly target: string }[];

  constructor(
    readonly query: Query<T>,
    private shown: RowWindow,
    private readonly decoders: ReadonlyMap<number, RowDecoder>,
    private readonly owner: LiveQueryOwner,
  ) {
    this.includes = query.spec.includes.map((name) => {
      const field = includeField(query.collection, name);
      return { name, idField: field.name, target: field.target! };
    });
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
    } else if (this.applyRows(update)) {
      rows = this.entries.map((entry) => entry.row) as unknown as readonly T[];
      if (sameItems(rows, this.snapshot.rows)) ({ rows } = this.snapshot);
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

  /** false: nothing has moved. */
  private applyRows(update: QueryUpdate): boolean {
    if (update.whole) {
      const old = new Map(this.entries.map((entry) => [entry.row.id, entry]));
      this.entries = this.readWindow(update.windows[0]!, true, (id) => old.get(id));
      return true;
    }
    if (update.edits.length === 0) return false;
    const { positions } = update;
    // A row may leave a window and come back to it.
    const known = (id: string): Entry | undefined => this.entries.find((entry) => entry.row.id === id);
    const fresh = update.windows.map((window) => this.readWindow(window, false, known)[0]);
    this.entries = applyEdits(this.entries, update.edits, (position) => {
      const entry = fresh[positions.indexOf(position)];
      if (!entry) throw new Error('the host sent an edit without its row');
      return entry;
    });
    return true;
  }

  private readWindow(bytes: Uint8Array, whole: boolean, known: (id: string) => Entry | undefined): Entry[] {
    const packed = packedBytes(bytes);
    const { view } = packed;
    const starts: number[] = [];
    for (let at = WINDOW_HEADER; at < bytes.length; at += ROW_HEADER + recordSize(packed, at + ROW_HEADER)) starts.push(at);
    const count = view.getUint32(8, true);
    const pendingAt = (at: number): boolean => (view.getUint32(at, true) & PENDING) !== 0;
    if (whole) {
      const before = this.related;
      this.related = new Map();
      for (const at of starts.slice(count)) this.readRelated(before, packed, at + ROW_HEADER, pendingAt(at));
    } else {
      for (let i = count; i < starts.length; i++) this.readRelated(this.related, packed, starts[i]! + ROW_HEADER, pendingAt(starts[i]!));
    }
    return starts.slice(0, count).map((at) => this.entryOf(packed, at + ROW_HEADER, pendingAt(at), known));
  }

  private readRelated(before: ReadonlyMap<string, Entry>, packed: PackedBytes, start: number, pending: boolean): void {
    const id = recordId(packed, start);
    const known = before.get(id);
    this.related.set(id, known && isSame(known, packed, start, pending) ? known : this.decode(packed, start, pending));
  }

  private decode(packed: PackedBytes, start: number, pending: boolean): Entry {
    const decoder = this.decoders.get(recordCollection(packed, start));
    if (!decoder) throw new Error(`no decoder for collection ${recordCollection(packed, start)}`);
    return { row: decoder.decode(packed, start, pending), packed, start, pending };
  }

  private entryOf(packed: PackedBytes, start: number, pending: boolean, known: (id: string) => Entry | undefined): Entry {
    const old = known(recordId(packed, start));
    const same = old !== undefined && isSame(old, packed, start, pending);
    if (this.includes.length === 0) return same ? old : this.decode(packed, start, pending);
    const bare = same ? old : this.decode(packed, start, pending);
    const includes: Record<string, Row | null> = {};
    let moved = !same;
    for (const { name, idField } of this.includes) {
      const id = bare.row[idField];
      const related = typeof id === 'string' ? (this.related.get(id)?.row ?? null) : null;
      includes[name] = related;
      moved ||= bare.row[name] !== related;
    }
    return moved ? { ...bare, row: Object.freeze({ ...bare.row, ...includes }) } : bare;
  }

  private readGroups(bytes: Uint8Array): readonly T[] {
    const input = new ArchiveReader(bytes);
    const { collection, spec } = this.query;
    const rows = input.list(() => readAggregateRow(input, collection, spec.aggregate!));
    return rows as unknown as readonly T[];
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function readAggregateRow(
  input: ArchiveReader, collection: CollectionMeta, aggregate: NonNullable<Query<unknown>['spec']['aggregate']>,
): AggregateRow {
  const key = readValue(input, aggregate.groupBy === null ? null : fieldOf(collection, aggregate.groupBy));
  const rows = input.i64();
  const values = input.list(() => readValue(input, null));
  const sums: Record<string, number> = {};
  let count = rows;
  aggregate.terms.forEach((term, i) => {
    const value = Number(values[i] ?? 0);
    if (term.aggregator === 'sum') sums[term.field!] = value;
    else count = value;
  });
  return Object.freeze({ key, rows, count, sums: Object.freeze(sums) });
}

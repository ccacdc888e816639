// A live query in the tab: keeps the decoded rows of one window and applies the host's updates. An unchanged row stays the
// same object and `rows` stays the same array until something changes, so React skips what did not move.
import { AggregateRows } from './aggregate_rows.ts';
import { applyEdits, Edit } from './host/view_edits.ts';
import type { QueryStatus, QueryUpdate, RowWindow } from './host/messages.ts';
import type { EngineError } from './host/wire.ts';
import type { IncludeSpec, Query } from './query.ts';
import { isRecord, type PackedBytes, packedBytes, recordCollection, recordId, recordSize, type Row, type RowDecoder } from './records.ts';

export interface LiveResult<T> {
  readonly rows: readonly T[];
  /** Length of the whole result; `rows` is a window of it where one was asked for. */
  readonly total: number;
  readonly status: QueryStatus;
  readonly error: EngineError | null;
}

/** What a live query needs of its database. */
export interface LiveQueryOwner {
  /** A first reader has come. */
  wanted(): void;
  /** The last one has gone. */
  idle(): void;
  moved(window: RowWindow): void;
}

const WINDOW_HEADER = 16;
const ROW_HEADER = 8;
const PENDING = 1;

/** The row that the record at `start` was before, if it was there. */
type Known = (packed: PackedBytes, start: number) => Row | undefined;

export class LiveQuery<T = unknown> {
  private related = new Map<string, Row>();
  private snapshot: LiveResult<T> = { rows: [], total: 0, status: 'loading', error: null };
  private readonly listeners = new Set<() => void>();
  private readonly includes: readonly IncludeSpec[];
  /** null: the query has rows of its own. */
  private readonly groups: AggregateRows | null;
  /** A row with what it brings along → the row alone. */
  private readonly bare = new WeakMap<Row, Row>();

  constructor(
    readonly query: Query<T>,
    private shown: RowWindow,
    private readonly decoders: ReadonlyMap<number, RowDecoder>,
    private readonly owner: LiveQueryOwner,
  ) {
    this.includes = query.spec.includes;
    this.groups = query.spec.aggregate ? new AggregateRows(query) : null;
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
    if (this.listeners.size === 1) this.owner.wanted();
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
    if (this.groups) {
      if (update.groups) rows = this.groups.read(update.groups) as unknown as readonly T[];
    } else {
      rows = this.applyRows(update) as readonly T[];
    }
    this.snapshot = { rows, total: this.groups ? rows.length : update.total, status: update.status, error: update.error };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** @internal It is asked for once more; what is shown stays until the answer. */
  again(): void {
    this.snapshot = { ...this.snapshot, status: 'loading', error: null };
  }

  /** @internal The host is gone; what is shown stays. */
  fail(error: EngineError): void {
    this.snapshot = { ...this.snapshot, status: 'error', error };
    this.tell();
  }

  /** The rows after it: the same array where none differs. */
  private applyRows(update: QueryUpdate): readonly unknown[] {
    const before = this.snapshot.rows as unknown as readonly Row[];
    let rows: (Row | undefined)[];
    let moved = true;
    if (update.whole) {
      const old = new Map(before.map((row) => [row.id, row]));
      rows = this.readWindow(update.windows[0]!, true, (packed, start) => old.get(recordId(packed, start)));
    } else {
      if (update.edits.length === 0) return before;
      rows = before.slice();
      const gone: Row[] = [];
      applyEdits(rows, update.edits, gone);
      // A row that moved, or that was replaced, is among those that were taken out.
      const known: Known = (packed, start) => gone.find((row) => isRecord(packed, start, row));
      for (let i = 0; i < update.positions.length; i++) {
        const [row] = this.readWindow(update.windows[i]!, false, known);
        if (!row) throw new Error('the host sent an edit without its row');
        rows[update.positions[i]!] = row;
      }
      // Most updates replace single rows: then only these can differ.
      moved = update.edits.some((kind, i) => i % 2 === 0 && kind !== Edit.replace);
      if (!moved && update.positions.some((at) => rows[at] !== before[at])) return rows;
    }
    return !moved || sameItems(rows, before) ? before : rows;
  }

  private readWindow(bytes: Uint8Array, whole: boolean, known: Known): Row[] {
    const packed = packedBytes(bytes);
    const { view } = packed;
    const starts: number[] = [];
    const count = view.getUint32(8, true);
    let at = WINDOW_HEADER;
    for (let left = count + view.getUint32(12, true); left > 0; left--) {
      starts.push(at);
      at += ROW_HEADER + recordSize(packed, at + ROW_HEADER);
    }
    const before = this.related;
    // Also when the list is never sent as a whole: what rows brought along that are long gone is let go.
    if (whole || before.size > RELATED_PER_ROW_MAX * this.snapshot.rows.length + RELATED_MAX) this.related = new Map();
    if (this.includes.length === 0) return starts.map((start) => this.decode(packed, start, known(packed, start + ROW_HEADER)));
    const related = starts.slice(count).map((start) => this.relatedRow(before, packed, start));
    const links = new Links(bytes, at, related);
    return starts.slice(0, count).map((start) => {
      const old = known(packed, start + ROW_HEADER);
      const bare = this.decode(packed, start, old && this.bare.get(old));
      return this.withIncludes(bare, this.includes, old, links);
    });
  }

  private relatedRow(before: ReadonlyMap<string, Row>, packed: PackedBytes, start: number): Row {
    const key = keyOf(recordCollection(packed, start + ROW_HEADER), recordId(packed, start + ROW_HEADER));
    const row = this.decode(packed, start, before.get(key));
    this.related.set(key, row);
    return row;
  }

  /** The row at `start`, or `old` where it is the same. */
  private decode(packed: PackedBytes, start: number, old: Row | undefined): Row {
    const collection = recordCollection(packed, start + ROW_HEADER);
    const decoder = this.decoders.get(collection);
    if (!decoder) throw new Error(`no decoder for collection ${collection}`);
    const pending = (packed.view.getUint32(start, true) & PENDING) !== 0;
    return decoder.decode(packed, start + ROW_HEADER, pending, old);
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

const RELATED_PER_ROW_MAX = 4;
const RELATED_MAX = 1_000;

const keyOf = (collection: number, id: string) => `${collection} ${id}`;

/** The end of a window: which row brings along which related records, in the order of the includes. */
class Links {
  private readonly view: DataView;
  constructor(bytes: Uint8Array, private at: number, private readonly related: readonly Row[]) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  private next(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  list(make: (row: Row) => Row): Row[] {
    return Array.from({ length: this.next() }, () => make(this.related[this.next()]!));
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

// A live query in the tab: keeps the decoded rows of one window and applies the host's updates. An unchanged row stays the
// same object and `rows` stays the same array until something changes, so React skips what did not move.
import { AggregateRows } from './aggregate_rows.ts';
import { applyEdits, Edit } from './host/view_edits.ts';
import type { QueryStatus, QueryUpdate, RowWindow } from './host/messages.ts';
import type { EngineError } from './host/wire.ts';
import type { Query } from './query.ts';
import { isRecord, recordId, type Row, type RowDecoder } from './records.ts';
import { type Known, sameItems, type WindowReader, windowReader } from './window_rows.ts';

export interface LiveResult<T> {
  readonly rows: readonly T[];
  /** Length of the whole result; `rows` is a window of it where one was asked for. */
  readonly total: number;
  readonly status: QueryStatus;
  readonly error: EngineError | null;
}

/**
 * A class, as V8 soon makes literals of one place among what lives long, if the first of them did: there each would keep its rows
 * alive until a whole collection, long after the next has taken its place.
 */
class Shown<T> implements LiveResult<T> {
  constructor(
    readonly rows: readonly T[],
    readonly total: number,
    readonly status: QueryStatus,
    readonly error: EngineError | null,
  ) {}
}

/** What a live query needs of its database. */
export interface LiveQueryOwner {
  /** A first reader has come. */
  wanted(): void;
  /** The last one has gone. */
  idle(): void;
  moved(window: RowWindow): void;
}

export class LiveQuery<T = unknown> {
  private shownRows: readonly T[] = [];
  private shownTotal = 0;
  private shownStatus: QueryStatus = 'loading';
  private shownError: EngineError | null = null;
  /** Made when it is asked for. */
  private made: LiveResult<T> | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly reader: WindowReader;
  /** null: the query has rows of its own. */
  private readonly groups: AggregateRows | null;

  constructor(
    readonly query: Query<T>,
    private shown: RowWindow,
    decoders: ReadonlyMap<number, RowDecoder>,
    private readonly owner: LiveQueryOwner,
  ) {
    this.reader = windowReader(decoders, query.spec.includes);
    this.groups = query.spec.aggregate ? new AggregateRows(query) : null;
  }

  /** The result now: the same object until something changes. */
  get result(): LiveResult<T> {
    return (this.made ??= new Shown(this.shownRows, this.shownTotal, this.shownStatus, this.shownError));
  }
  get rows(): readonly T[] {
    return this.shownRows;
  }
  get status(): QueryStatus {
    return this.shownStatus;
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
    if (!this.groups) this.shownRows = this.applyRows(update) as readonly T[];
    else if (update.groups) this.shownRows = this.groups.read(update.groups) as unknown as readonly T[];
    this.shownTotal = this.groups ? this.shownRows.length : update.total;
    this.stand(update.status, update.error);
    this.tell();
  }

  private stand(status: QueryStatus, error: EngineError | null): void {
    this.shownStatus = status;
    this.shownError = error;
    this.made = null;
  }
  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  /** @internal It is asked for once more; what is shown stays until the answer. */
  again(): void {
    this.stand('loading', null);
  }

  /** @internal The host is gone; what is shown stays. */
  fail(error: EngineError): void {
    this.stand('error', error);
    this.tell();
  }

  /** The rows after it: the same array where none differs. */
  private applyRows(update: QueryUpdate): readonly unknown[] {
    const before = this.shownRows as unknown as readonly Row[];
    const { edits } = update;
    if (update.whole) {
      const old = new Map(before.map((row) => [row.id, row]));
      const rows = this.reader.read(update.windows[0]!, true, before.length, (packed, start) => old.get(recordId(packed, start)));
      return sameItems(rows, before) ? before : rows;
    }
    if (edits.length === 0) return before;
    if (edits.length === 2) return this.applyOne(before, edits[0]!, edits[1]!, update.windows);
    const rows: (Row | undefined)[] = before.slice();
    const gone: Row[] = [];
    applyEdits(rows, edits, gone);
    // A row that moved, or that was replaced, is among those that were taken out.
    for (let i = 0; i < update.positions.length; i++) {
      rows[update.positions[i]!] = this.readSingle(update.windows[i], (packed, start) => gone.find((row) => isRecord(packed, start, row)));
    }
    return sameItems(rows, before) ? before : rows;
  }

  /** Most updates are one edit: nothing is compared but the row that it is about. */
  private applyOne(before: readonly Row[], kind: number, at: number, windows: readonly Uint8Array[]): readonly Row[] {
    const old = kind === Edit.replace ? before[at] : undefined;
    const row = kind === Edit.remove ? undefined : this.readSingle(windows[0], (packed, start) => (old && isRecord(packed, start, old) ? old : undefined));
    if (row && row === old) return before;
    const rows = before.slice();
    if (kind === Edit.remove) rows.splice(at, 1);
    else if (kind === Edit.insert) rows.splice(at, 0, row!);
    else rows[at] = row!;
    return rows;
  }

  private readSingle(bytes: Uint8Array | undefined, known: Known): Row {
    const [row] = bytes ? this.reader.read(bytes, false, this.shownRows.length, known) : [];
    if (!row) throw new Error('the host sent an edit without its row');
    return row;
  }
}

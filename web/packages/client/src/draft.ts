// Draft: a record that somebody edits. It lives in the core; this is a tab's hand on it: edits go out, and values, errors and
// conflicts come back, also when it is somebody else who changed an edited field.
import { ArchiveWriter } from './archive.ts';
import type { DraftState } from './host/messages.ts';
import type { CollectionMeta } from './schema_types.ts';
import type { MutationHandle } from './database.ts';
import { type Row, valueOf } from './records.ts';
import { type JsValue, writeValue } from './value.ts';

/** As the command `draft` numbers them (wasm/ABI.md). */
export const DraftAction = { edit: 0, commit: 1, set: 2, keepMine: 3, takeTheirs: 4, close: 5, begin: 6 } as const;

/** A row as the screen shows it, of whatever collection. */
export interface SeenRow {
  readonly id: string;
  readonly version: number;
}

export interface DraftLink {
  readonly send: (action: number, bytes: Uint8Array) => void;
  readonly commit: (bytes: Uint8Array) => MutationHandle;
  readonly closed: () => void;
}

const UNEDITED = { conflict: false, theirs: null, base: null, version: 0 } as const;
const UNTOUCHED: DraftState = { deleted: false, fields: {}, error: null };

export class Draft {
  private current = UNTOUCHED;
  private readonly listeners = new Set<() => void>();
  private readonly begun = new Set<string>();
  readonly record: string;
  private readonly seen: SeenRow | null;

  /** `record`: its id, or the row that its author sees. */
  constructor(readonly collection: CollectionMeta, record: string | SeenRow, private readonly link: DraftLink) {
    this.seen = typeof record === 'string' ? null : record;
    this.record = typeof record === 'string' ? record : record.id;
  }

  /** Once, when the host's answers can reach it. */
  open(): void {
    this.link.send(DraftAction.edit, this.bytes());
  }

  /** What is edited now; another object whenever it is another. */
  get state(): DraftState {
    return this.current;
  }
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * The edit of a field begins with the value and the record's version that its author sees, however old the screen is: what
   * others write from then on is a conflict, also where the next host of a closed tab's takes over. Without it the first set()
   * begins with the row that was given to edit(), or else with what the engine holds by then.
   */
  begin(field: string, seen: JsValue, version: number): void {
    this.begun.add(field);
    this.link.send(DraftAction.begin, this.bytes(field, seen, version));
  }
  /** A field set back to what it was is not edited any more. Throws ValueError when the value is of another type. */
  set(field: string, value: JsValue): void {
    if (this.seen && !this.begun.has(field)) this.begin(field, valueOf((this.seen as Row)[field]), this.seen.version);
    this.link.send(DraftAction.set, this.bytes(field, value));
  }
  /**
   * Of a conflict: what this user wrote goes over what `state` says that the other wrote; what comes after that is a conflict
   * again. Of a deleted record: commit() brings it back with it.
   */
  keepMine(field: string): void {
    const { conflict, theirs, base, version } = this.current.fields[field] ?? UNEDITED;
    this.link.send(DraftAction.keepMine, this.bytes(field, conflict ? theirs : base, version));
  }
  /** Of a conflict: what the other wrote stays; the field is not edited any more. */
  takeTheirs(field: string): void {
    this.begun.delete(field);
    this.link.send(DraftAction.takeTheirs, this.bytes(field));
  }
  /** One update with all that is edited, or the record back with it. Refused while a value is wrong or a conflict undecided, or when nothing is edited. */
  commit(): MutationHandle {
    return this.link.commit(this.bytes());
  }
  close(): void {
    this.link.send(DraftAction.close, this.bytes());
    this.link.closed();
  }

  /** From the host. */
  moved(state: DraftState): void {
    this.current = state;
    for (const listener of [...this.listeners]) listener();
  }

  private bytes(name?: string, value: JsValue = null, version = 0): Uint8Array {
    const out = new ArchiveWriter().u16(this.collection.id).id(this.record);
    if (name === undefined) return out.u16(0).u8(0).u64(0).finish();
    const field = this.collection.fields.find((each) => each.name === name);
    if (!field) throw new RangeError(`${this.collection.name} has no field "${name}"`);
    out.u16(field.id);
    writeValue(out, field, value);
    return out.u64(version).finish();
  }
}

// Draft: a record that somebody edits. It lives in the core; this is a tab's hand on it: edits go out, and values, errors and
// conflicts come back, also when it is somebody else who changed an edited field.
import { ArchiveWriter } from './archive.ts';
import type { DraftState } from './host/messages.ts';
import type { CollectionMeta } from './schema_types.ts';
import type { MutationHandle } from './mutation_calls.ts';
import { type Row, valueOf } from './records.ts';
import { type JsValue, writeValue } from './value.ts';

/** As the command `draft` numbers them (wasm/ABI.md). */
export const DraftAction = { edit: 0, commit: 1, set: 2, keepMine: 3, takeTheirs: 4, close: 5, begin: 6, commitAccepted: 7 } as const;

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

interface Seen {
  readonly value: JsValue;
  readonly version: number;
}

const UNEDITED = { conflict: false, theirs: null, base: null, version: 0 } as const;
const UNTOUCHED: DraftState = { deleted: false, fields: {}, error: null };

export class Draft {
  private current = UNTOUCHED;
  private readonly listeners = new Set<() => void>();
  private readonly begun = new Set<string>();
  readonly record: string;
  private seen: SeenRow | null;
  /** Where the row that was given is not what the author sees any more; null: their own commit, of which the engine knows. */
  private readonly since = new Map<string, Seen | null>();

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
   * begins with the row that was last given, or what takeTheirs() took since; else, and after a commit of the field, with
   * what the engine holds by then.
   */
  begin(field: string, seen: JsValue, version: number): void {
    this.begun.add(field);
    this.link.send(DraftAction.begin, this.bytes(field, seen, version));
  }
  /** Its author sees this row of the record from now on: fields whose edit has not begun will begin with it. */
  shows(row: SeenRow): void {
    this.seen = row;
    for (const [field, since] of this.since) if (since && since.version <= row.version) this.since.delete(field);
  }
  /** A field set back to what it was is not edited any more. Throws ValueError when the value is of another type. */
  set(field: string, value: JsValue): void {
    const seen = this.begun.has(field) ? null : this.seenOf(field);
    if (seen) this.begin(field, seen.value, seen.version);
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
    const edit = this.current.fields[field];
    if (edit) this.since.set(field, { value: edit.conflict ? edit.theirs : edit.base, version: edit.version });
    this.begun.delete(field);
    this.link.send(DraftAction.takeTheirs, this.bytes(field));
  }
  /** One update with all that is edited, or the record back with it. Refused while a value is wrong or a conflict undecided, or when nothing is edited. */
  commit(): MutationHandle {
    // The next edit of a field begins anew, and not with the row: that is older than what was committed, which would be a
    // conflict with oneself. Where the commit is refused the edits go on, and a begin or none changes nothing.
    for (const field of this.begun) this.since.set(field, null);
    this.begun.clear();
    return this.link.commit(this.bytes());
  }
  close(): void {
    this.link.send(DraftAction.close, this.bytes());
    this.link.closed();
  }

  private seenOf(field: string): Seen | null {
    if (!this.seen) return null;
    const since = this.since.get(field);
    return since === undefined ? { value: valueOf((this.seen as Row)[field]), version: this.seen.version } : since;
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

// What a tab has done to one draft, as the next host is to hear it (tab_memory.ts): edits and commits until they are stored.
//
// Invariant: an edit that a host has told of is asked for again with what its author saw. Where no begin() of the tab's says
// that, the host's news do; without either the next host would begin with what is stored by then, and somebody else's change
// would be overwritten as if it had been seen. A host answers a commit before it tells what became of the draft: its news are
// of what was done between the last commit that was taken and the next that is not answered.
import { ArchiveWriter } from '../archive.ts';
import { DraftAction } from '../draft.ts';
import { schema } from '../generated/schema.ts';
import type { FieldMeta } from '../schema_types.ts';
import { writeValue } from '../value.ts';
import type { DraftField, DraftState, TabMessage } from './messages.ts';

export type DraftMessage = Extract<TabMessage, { type: 'draft' }>;

/** What a tab has asked for, at its place among all that it has. */
export interface Placed {
  readonly place: number;
  readonly message: TabMessage;
}

interface Done extends Placed {
  readonly message: DraftMessage;
  /** Of an edit's first set without a begin: what it began with, as the host has told last, and whether that is in conflict. */
  told: { readonly begin: DraftMessage; readonly conflict: boolean } | null;
  /** A commit that a host has taken. */
  taken: boolean;
}

/** Collection and record come before the field, and the value between that and a version. */
const FIELD_AT = 18;
const VALUE_AT = 20;
const VERSION_BYTES = 8;
const fieldOf = ({ bytes }: DraftMessage): number => bytes[FIELD_AT]! + 256 * bytes[FIELD_AT + 1]!;
const isOf = (done: Done, action: number, field: number): boolean => done.message.action === action && fieldOf(done.message) === field;

function fieldsOf({ bytes }: DraftMessage): readonly FieldMeta[] {
  const id = bytes[0]! + 256 * bytes[1]!;
  return schema.collections.find((each) => each.id === id)?.fields ?? [];
}

function beginOf(set: DraftMessage, field: FieldMeta, { base, baseVersion }: DraftField): DraftMessage {
  const out = new ArchiveWriter().raw(set.bytes.subarray(0, VALUE_AT));
  writeValue(out, field, base);
  return { ...set, action: DraftAction.begin, bytes: out.u64(baseVersion).finish() };
}

function haveOneValue(one: DraftMessage, other: DraftMessage): boolean {
  const [mine, theirs] = [one, other].map(({ bytes }) => bytes.subarray(VALUE_AT, bytes.length - VERSION_BYTES));
  return mine!.length === theirs!.length && mine!.every((byte, i) => byte === theirs![i]);
}

export class DraftLog {
  private done: Done[] = [];

  /** Whoever types sets a field with every key: the last one is enough. */
  add(place: number, message: DraftMessage): void {
    const last = this.done.at(-1);
    const again = last !== undefined && message.action === DraftAction.set && isOf(last, DraftAction.set, fieldOf(message));
    if (again) this.done.pop();
    this.done.push({ place, message, told: again ? last.told : null, taken: false });
  }

  /** The commit is a mutation. */
  took(commit: DraftMessage): void {
    for (const each of this.done) if (each.message === commit) each.taken = true;
  }

  /** Nobody has to be asked for the commit again. `made`: what it took from the draft is a change of its own now. */
  settled(commit: DraftMessage, made: boolean): void {
    const at = this.done.findIndex(({ message }) => message === commit);
    this.done = this.done.filter((_, i) => i !== at && !(made && i > 0 && i < at));
  }

  /** It is closed, with nothing left of it that a host has to hear. */
  get isOver(): boolean {
    return this.done.at(-1)?.message.action === DraftAction.close && !this.done.some(({ message }) => message.action === DraftAction.commit);
  }

  /** From the host. */
  told(state: DraftState): void {
    for (const [name, field] of Object.entries(state.fields)) {
      const meta = fieldsOf(this.done[0]!.message).find((each) => each.name === name);
      const first = meta && this.firstSet(meta.id);
      if (first) first.told = { begin: beginOf(first.message, meta, field), conflict: field.conflict };
    }
  }

  again(): Placed[] {
    const undone = this.undone();
    return this.done.filter((each) => !undone.has(each)).flatMap(({ place, message, told, taken }): Placed[] => {
      const again = { place, message: taken ? { ...message, accepted: true as const } : message };
      return told ? [{ place, message: told.begin }, again] : [again];
    });
  }

  /** Of the present edit of a field; null: there is none, or it has a begin. */
  private firstSet(field: number): Done | null {
    const from = this.done.findLastIndex(({ taken }) => taken) + 1;
    let first: Done | null = null;
    let begun = false;
    for (const each of this.done.slice(from)) {
      if (each.message.action === DraftAction.commit) break;
      if (isOf(each, DraftAction.takeTheirs, field)) [first, begun] = [null, false];
      if (isOf(each, DraftAction.begin, field) && !first) begun = true;
      if (isOf(each, DraftAction.set, field) && !begun) first ??= each;
    }
    return first;
  }

  /** Sets that end where they began: the host has let the edit go, and a begin would make it one that stays. */
  private undone(): Set<Done> {
    return new Set(this.done.flatMap((first, at) => {
      if (!first.told || first.told.conflict) return [];
      const field = fieldOf(first.message);
      const rest = this.done.slice(at);
      const end = rest.findIndex((each) => each.message.action === DraftAction.commit || isOf(each, DraftAction.takeTheirs, field));
      const sets = rest.slice(0, end === -1 ? rest.length : end).filter((each) => isOf(each, DraftAction.set, field));
      return haveOneValue(sets.at(-1)!.message, first.told.begin) ? sets : [];
    }));
  }
}

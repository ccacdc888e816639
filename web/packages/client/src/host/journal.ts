// A host's mutations on their way into storage and out of it.
//
// Invariant: a tab with an origin hears `stored` only after the write that holds the origin is durable, so that from then on
// any later host knows the call, and until then the tab remembers it (tab_memory.ts).
// Invariant: where the core gives what is pending another number, it says store_mutation and, right behind it, forget_mutation
// of the old one, which no verdict follows. Both are one write, as a later core would find, and run, both; hence a mutation is
// given to the keeper when it is known what follows, in the same turn.
import { ArchiveReader } from '../archive.ts';
import type { SchemaMeta } from '../schema_types.ts';
import type { Keeper } from './keeper.ts';
import type { Saved } from './outbox_store.ts';
import { idText, type MutationId, readMutation, readMutationId, readVerdict, type StoredMutation } from './wire.ts';
import type { SettledMutation } from './messages.ts';

interface Note {
  readonly origins: string[];
  /** Who is told when the next write is durable. */
  waiting: (() => void)[];
}

/** Of a store_mutation: gives it to the keeper, in the place of the one that had another number. */
type Put = (renumbered: MutationId | null) => void;

export class Journal {
  private readonly notes = new Map<string, Note>();
  private readonly found = new Map<string, MutationId>();
  private readonly replaced = new Map<string, readonly MutationId[]>();
  /** Forgotten by the core: what becomes of it is said by its verdict, which follows at once, or it has none. */
  private leaving: MutationId | null = null;
  /** Said last, but for `leaving`. */
  private arriving: Put | null = null;

  /** `saved`: what earlier hosts left. */
  constructor(private readonly schema: SchemaMeta, private readonly keeper: Keeper, saved: Saved) {
    keeper.adopt(saved);
    for (const { client, sequence, origins } of saved.mutations) {
      for (const origin of origins ?? []) this.found.set(origin, { client, sequence });
    }
  }

  /** The mutation that an earlier host stored for this call. */
  find(origin: string | undefined): MutationId | null {
    return origin === undefined ? null : this.found.get(origin) ?? null;
  }

  /** This call made the mutation; before its store() comes. */
  note(id: MutationId, origin: string, stored: () => void): void {
    const note = this.notes.get(idText(id)) ?? { origins: [], waiting: [] };
    note.origins.push(origin);
    note.waiting.push(stored);
    this.notes.set(idText(id), note);
  }

  /** This mutation takes the place of refused ones; before its store() comes. */
  replace(id: MutationId, refused: readonly MutationId[]): void {
    this.replaced.set(idText(id), refused);
  }

  /** The core's store_mutation, read at once. Resolves when the mutation may be sent. */
  store(input: ArchiveReader): Promise<MutationId> {
    this.rest();
    const id = readMutationId(input);
    const note = this.notes.get(idText(id));
    const mutation = this.keeper.reads ? readMutation(this.schema, new ArchiveReader(input.bytes())) : null;
    return new Promise((resolve, reject) => {
      this.arriving = (renumbered) => {
        this.put(id, () => (note ? { ...mutation!, origins: [...note.origins] } : mutation!), renumbered).then(() => resolve(id), reject);
      };
    });
  }

  private async put(id: MutationId, read: () => StoredMutation, renumbered: MutationId | null): Promise<void> {
    const waiting = this.notes.get(idText(id))?.waiting.splice(0) ?? [];
    const replaces = this.replaced.get(idText(id)) ?? [];
    this.replaced.delete(idText(id));
    if (await this.keeper.put(read, replaces, renumbered)) for (const tell of waiting) tell();
  }

  /** The core's forget_mutation. */
  forget(input: ArchiveReader): void {
    if (this.leaving) this.rest();
    this.leaving = readMutationId(input);
    this.notes.delete(idText(this.leaving));
  }

  /** The core's settled. */
  settle(input: ArchiveReader): SettledMutation {
    const mutationId = readMutationId(input);
    const mutator = input.text();
    const verdict = readVerdict(this.schema, input);
    // What leaves has its verdict, and not another number.
    this.arrive(null);
    if (this.leaving && ['conflict', 'rejected'].includes(verdict.outcome)) {
      void this.keeper.refuse(this.leaving, mutationId, verdict);
      this.leaving = null;
    }
    return { mutationId, mutator, verdict };
  }

  /** The core has nothing more to say for now, or something else. */
  rest(): void {
    const { leaving } = this;
    this.leaving = null;
    if (!this.arrive(leaving) && leaving) void this.keeper.forget(leaving);
  }

  private arrive(renumbered: MutationId | null): boolean {
    const put = this.arriving;
    this.arriving = null;
    put?.(renumbered);
    return put !== null;
  }
}

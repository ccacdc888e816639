// A host's mutations on their way into storage and out of it.
//
// Invariant: a tab with an origin hears `stored` only after the write that holds the origin is durable, so that from then on
// any later host knows the call, and until then the tab remembers it (tab_memory.ts).
import { ArchiveReader } from '../archive.ts';
import type { SchemaMeta } from '../schema_types.ts';
import type { Keeper } from './keeper.ts';
import { idText, type MutationId, readMutation, readMutationId, type StoredMutation } from './wire.ts';

interface Note {
  readonly origins: string[];
  /** Who is told when the next write is durable. */
  waiting: (() => void)[];
}

export class Journal {
  private readonly notes = new Map<string, Note>();
  private readonly found = new Map<string, MutationId>();

  /** `saved`: what earlier hosts left. */
  constructor(private readonly schema: SchemaMeta, private readonly keeper: Keeper, saved: readonly StoredMutation[]) {
    for (const { client, sequence, origins } of saved) {
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

  /** The core's store_mutation, read at once. Resolves when the mutation may be sent. */
  async store(input: ArchiveReader): Promise<MutationId> {
    const id = readMutationId(input);
    const note = this.notes.get(idText(id));
    const waiting = note?.waiting.splice(0) ?? [];
    const kept = await this.keeper.put(() => {
      const mutation = readMutation(this.schema, new ArchiveReader(input.bytes()));
      return note ? { ...mutation, origins: [...note.origins] } : mutation;
    });
    if (kept) for (const tell of waiting) tell();
    return id;
  }

  /** The core's forget_mutation. */
  forget(input: ArchiveReader): void {
    const id = readMutationId(input);
    this.notes.delete(idText(id));
    void this.keeper.forget(id);
  }
}

// Storage that refuses on command, as a full disk or a strict browser does.
import type { OutboxStore } from '../src/host/outbox_store.ts';
import type { MutationId, StoredMutation } from '../src/host/wire.ts';

const key = (id: MutationId): string => `${id.client}:${id.sequence}`;

export class FaultyStore implements OutboxStore {
  readonly durable = true;
  readonly mutations = new Map<string, StoredMutation>();
  rows: Uint8Array | null = null;
  /** Which calls are refused, from now on. */
  refusing = new Set<'put' | 'remove' | 'saveRows' | 'clear'>();
  /** How often each was tried. */
  readonly tries = { put: 0, remove: 0, saveRows: 0, clear: 0 };
  /** While set, `put` and `clear` are answered only when it resolves. */
  gate: Promise<void> | null = null;

  private async call(what: keyof FaultyStore['tries'], run: () => void): Promise<void> {
    this.tries[what]++;
    const refused = this.refusing.has(what);
    await this.gate;
    if (refused) throw new DOMException('The quota is used up.', 'QuotaExceededError');
    run();
  }
  load(): Promise<{ mutations: readonly StoredMutation[]; rows: Uint8Array | null }> {
    return Promise.resolve({ mutations: [...this.mutations.values()], rows: this.rows });
  }
  put(mutation: StoredMutation): Promise<void> {
    return this.call('put', () => this.mutations.set(key(mutation), mutation));
  }
  remove(id: MutationId): Promise<void> {
    return this.call('remove', () => this.mutations.delete(key(id)));
  }
  saveRows(rows: Uint8Array): Promise<void> {
    return this.call('saveRows', () => (this.rows = rows));
  }
  clear(queueToo: boolean): Promise<void> {
    return this.call('clear', () => {
      this.rows = null;
      if (queueToo) this.mutations.clear();
    });
  }
}

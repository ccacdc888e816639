// Storage that refuses on command, as a full disk or a strict browser does.
import type { OutboxStore, Replaced, Saved } from '../src/host/outbox_store.ts';
import { idText as key, type MutationId, type RefusedMutation, type StoredMutation } from '../src/host/wire.ts';

export class FaultyStore implements OutboxStore {
  readonly durable = true;
  readonly mutations = new Map<string, StoredMutation>();
  readonly refused = new Map<string, RefusedMutation>();
  rows: Uint8Array | null = null;
  clients: readonly string[] = [];
  traps: readonly number[] = [];
  /** Which calls are refused, from now on. */
  refusing = new Set<'begin' | 'put' | 'remove' | 'refuse' | 'discard' | 'saveRows' | 'trapped' | 'dropRows' | 'clear'>();
  /** How often each was tried. */
  readonly tries = { begin: 0, put: 0, remove: 0, refuse: 0, discard: 0, saveRows: 0, trapped: 0, dropRows: 0, clear: 0 };
  /** While set, calls are answered only when it resolves. */
  gate: Promise<void> | null = null;

  private async call(what: keyof FaultyStore['tries'], run: () => void): Promise<void> {
    this.tries[what]++;
    const refused = this.refusing.has(what);
    await this.gate;
    if (refused) throw new DOMException('The quota is used up.', 'QuotaExceededError');
    run();
  }
  load(): Promise<Saved> {
    return Promise.resolve({ mutations: [...this.mutations.values()], refused: [...this.refused.values()], rows: this.rows, clients: this.clients, traps: this.traps });
  }
  begin(client: string): Promise<void> {
    return this.call('begin', () => (this.clients = [...this.clients, client]));
  }
  put(mutation: StoredMutation, replaces: Replaced): Promise<void> {
    return this.call('put', () => {
      this.mutations.set(key(mutation), mutation);
      for (const id of replaces.queued) this.mutations.delete(key(id));
      for (const id of replaces.refused) this.refused.delete(key(id));
    });
  }
  remove(ids: readonly MutationId[]): Promise<void> {
    return this.call('remove', () => ids.forEach((id) => this.mutations.delete(key(id))));
  }
  refuse(refused: RefusedMutation, id: MutationId): Promise<void> {
    return this.call('refuse', () => {
      this.mutations.delete(key(id));
      this.refused.set(key(refused), refused);
    });
  }
  discard(id: MutationId): Promise<void> {
    return this.call('discard', () => this.refused.delete(key(id)));
  }
  saveRows(rows: Uint8Array): Promise<void> {
    return this.call('saveRows', () => (this.rows = rows));
  }
  trapped(at: number): Promise<void> {
    return this.call('trapped', () => (this.traps = [...this.traps, at]));
  }
  dropRows(): Promise<void> {
    return this.call('dropRows', () => {
      this.rows = null;
      this.traps = [];
    });
  }
  clear(queueToo: boolean): Promise<void> {
    return this.call('clear', () => {
      this.rows = null;
      this.clients = [];
      if (!queueToo) return;
      this.mutations.clear();
      this.refused.clear();
    });
  }
}

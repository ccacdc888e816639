// What outlives a page: queued mutations (at once, strict durability, before anything is sent), those that the server refused,
// and the rows with their cursor (behind, in one transaction). One database per origin and user.
import type { MutationId, RefusedMutation, StoredMutation } from './wire.ts';

export interface Saved {
  /** All mutations that earlier cores left, ascending per client. */
  readonly mutations: readonly StoredMutation[];
  readonly refused: readonly RefusedMutation[];
  readonly rows: Uint8Array | null;
  /** Ids of the last cores that worked here, also of such as left nothing: what they did is this user's own (SEMANTICS 3). */
  readonly clients: readonly string[];
  /** When a core last failed on what it was given, the latest of them; none since the rows were dropped. */
  readonly traps: readonly number[];
}
export const NOTHING_SAVED: Saved = { mutations: [], refused: [], rows: null, clients: [], traps: [] };

/** What a mutation takes the place of: refused ones, and queued ones that it is under another id. */
export interface Replaced {
  readonly refused: readonly MutationId[];
  readonly queued: readonly MutationId[];
}
export const NOTHING_REPLACED: Replaced = { refused: [], queued: [] };

export interface OutboxStore {
  load(): Promise<Saved>;
  /** A core with this id works here from now on. */
  begin(client: string): Promise<void>;
  /** Resolves when the write is durable. Rejects when storage is full or refused. What it `replaces` goes in the same step. */
  put(mutation: StoredMutation, replaces: Replaced): Promise<void>;
  remove(ids: readonly MutationId[]): Promise<void>;
  /** Keeps what became of the queued mutation `id`, which leaves the queue in the same step. */
  refuse(refused: RefusedMutation, id: MutationId): Promise<void>;
  /** Forgets a refused mutation. */
  discard(id: MutationId): Promise<void>;
  saveRows(rows: Uint8Array): Promise<void>;
  /** A core has failed, now. */
  trapped(at: number): Promise<void>;
  /** Forgets the rows, and that cores have failed. */
  dropRows(): Promise<void>;
  /** Forgets this user's rows; with `queueToo` the queued and the refused mutations as well. */
  clear(queueToo: boolean): Promise<void>;
  readonly durable: boolean;
  /** Not durable, but somebody may want to see in this session what was refused: it is worth reading. */
  readonly remembers?: boolean;
}

const OUTBOX = 'outbox';
const REFUSED = 'refused';
const STATE = 'state';
/** Edits are begun in one life of a tab: nobody's base is older than so many cores. */
const CLIENTS_KEPT = 16;
const TRAPS_KEPT = 4;
const keyOf = (id: MutationId): IDBValidKey => [id.client, id.sequence];

function requested<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('storage refused'));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error('storage refused'));
  });
}

class IndexedDbOutbox implements OutboxStore {
  readonly durable = true;
  constructor(private readonly database: IDBDatabase) {}

  private write(stores: readonly string[], strict: boolean, run: (...stores: IDBObjectStore[]) => void): Promise<void> {
    const transaction = this.database.transaction(stores, 'readwrite', { durability: strict ? 'strict' : 'relaxed' });
    run(...stores.map((store) => transaction.objectStore(store)));
    return completed(transaction);
  }
  async load(): Promise<Saved> {
    const transaction = this.database.transaction([OUTBOX, REFUSED, STATE], 'readonly');
    const [mutations, refused, clients = [], traps = []] = await Promise.all([
      requested(transaction.objectStore(OUTBOX).getAll() as IDBRequest<StoredMutation[]>),
      requested(transaction.objectStore(REFUSED).getAll() as IDBRequest<RefusedMutation[]>),
      requested(transaction.objectStore(STATE).get('clients') as IDBRequest<string[] | undefined>),
      requested(transaction.objectStore(STATE).get('traps') as IDBRequest<number[] | undefined>),
    ]);
    return { mutations, refused, rows: await this.loadRows(), clients, traps };
  }
  /** Browsers keep a large value in a file of its own. Where that is damaged the server has the rows; what is queued it has not. */
  private async loadRows(): Promise<Uint8Array | null> {
    try {
      const state = this.database.transaction([STATE], 'readonly').objectStore(STATE);
      return (await requested(state.get('rows') as IDBRequest<Uint8Array | undefined>)) ?? null;
    } catch (error) {
      console.warn('syncline: the rows that this browser held cannot be read', error);
      return null;
    }
  }
  begin(client: string): Promise<void> {
    return this.note('clients', client, CLIENTS_KEPT);
  }
  private note<T>(list: string, what: T, kept: number): Promise<void> {
    return this.write([STATE], false, (state) => {
      const known = state!.get(list) as IDBRequest<T[] | undefined>;
      known.onsuccess = () => state!.put([...(known.result ?? []), what].slice(-kept), list);
    });
  }
  put(mutation: StoredMutation, replaces: Replaced): Promise<void> {
    return this.write(replaces.refused.length > 0 ? [OUTBOX, REFUSED] : [OUTBOX], true, (outbox, refused) => {
      outbox!.put(mutation);
      for (const id of replaces.queued) outbox!.delete(keyOf(id));
      for (const id of replaces.refused) refused!.delete(keyOf(id));
    });
  }
  remove(ids: readonly MutationId[]): Promise<void> {
    return this.write([OUTBOX], false, (outbox) => ids.forEach((id) => outbox!.delete(keyOf(id))));
  }
  refuse(mutation: RefusedMutation, id: MutationId): Promise<void> {
    return this.write([OUTBOX, REFUSED], true, (outbox, refused) => {
      outbox!.delete(keyOf(id));
      refused!.put(mutation);
    });
  }
  discard(id: MutationId): Promise<void> {
    return this.write([REFUSED], false, (refused) => refused!.delete(keyOf(id)));
  }
  saveRows(rows: Uint8Array): Promise<void> {
    return this.write([STATE], false, (state) => state!.put(rows, 'rows'));
  }
  trapped(at: number): Promise<void> {
    return this.note('traps', at, TRAPS_KEPT);
  }
  dropRows(): Promise<void> {
    return this.write([STATE], false, (state) => ['rows', 'traps'].forEach((key) => state!.delete(key)));
  }
  clear(queueToo: boolean): Promise<void> {
    return this.write([STATE, ...(queueToo ? [OUTBOX, REFUSED] : [])], true, (...stores) => stores.forEach((store) => store.clear()));
  }
}

/** Where there is no storage (private windows, Node): mutations are sent from memory, and the tab says so. */
export class MemoryOutbox implements OutboxStore {
  readonly durable = false;
  constructor(readonly remembers: boolean) {}
  load(): Promise<Saved> {
    return Promise.resolve(NOTHING_SAVED);
  }
  begin(): Promise<void> {
    return Promise.resolve();
  }
  put(): Promise<void> {
    return Promise.resolve();
  }
  remove(): Promise<void> {
    return Promise.resolve();
  }
  refuse(): Promise<void> {
    return Promise.resolve();
  }
  discard(): Promise<void> {
    return Promise.resolve();
  }
  saveRows(): Promise<void> {
    return Promise.resolve();
  }
  trapped(): Promise<void> {
    return Promise.resolve();
  }
  dropRows(): Promise<void> {
    return Promise.resolve();
  }
  clear(): Promise<void> {
    return Promise.resolve();
  }
}

export async function openOutbox(name: string): Promise<OutboxStore> {
  if (typeof indexedDB === 'undefined') return new MemoryOutbox(false);
  const request = indexedDB.open(name, 2);
  request.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion < 1) {
      request.result.createObjectStore(OUTBOX, { keyPath: ['client', 'sequence'] });
      request.result.createObjectStore(STATE);
    }
    if (oldVersion < 2) request.result.createObjectStore(REFUSED, { keyPath: ['client', 'sequence'] });
  };
  try {
    const database = await requested(request);
    // A newer version of the application must not wait for the tabs of this one.
    database.onversionchange = () => database.close();
    void navigator.storage?.persist?.();
    return new IndexedDbOutbox(database);
  } catch {
    return new MemoryOutbox(true);
  }
}

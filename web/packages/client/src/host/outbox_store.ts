// What outlives a page: queued mutations (at once, strict durability, before anything is sent) and the rows with their
// cursor (behind, in one transaction). One database per origin and user.
import type { MutationId, StoredMutation } from './wire.ts';

export interface OutboxStore {
  /** All mutations that earlier cores left, ascending per client. */
  load(): Promise<{ readonly mutations: readonly StoredMutation[]; readonly rows: Uint8Array | null }>;
  /** Resolves when the write is durable. Rejects when storage is full or refused. */
  put(mutation: StoredMutation): Promise<void>;
  remove(id: MutationId): Promise<void>;
  saveRows(rows: Uint8Array): Promise<void>;
  /** Forgets this user's rows; with `queueToo` the queued mutations as well. */
  clear(queueToo: boolean): Promise<void>;
  readonly durable: boolean;
}

const OUTBOX = 'outbox';
const STATE = 'state';

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

  private write(store: string, run: (store: IDBObjectStore) => void, strict: boolean): Promise<void> {
    const transaction = this.database.transaction(store, 'readwrite', { durability: strict ? 'strict' : 'relaxed' });
    run(transaction.objectStore(store));
    return completed(transaction);
  }
  async load(): Promise<{ mutations: readonly StoredMutation[]; rows: Uint8Array | null }> {
    const transaction = this.database.transaction([OUTBOX, STATE], 'readonly');
    const mutations = requested(transaction.objectStore(OUTBOX).getAll() as IDBRequest<StoredMutation[]>);
    const rows = requested(transaction.objectStore(STATE).get('rows') as IDBRequest<Uint8Array | undefined>);
    return { mutations: await mutations, rows: (await rows) ?? null };
  }
  put(mutation: StoredMutation): Promise<void> {
    return this.write(OUTBOX, (store) => store.put(mutation), true);
  }
  remove(id: MutationId): Promise<void> {
    return this.write(OUTBOX, (store) => store.delete([id.client, id.sequence]), false);
  }
  saveRows(rows: Uint8Array): Promise<void> {
    return this.write(STATE, (store) => store.put(rows, 'rows'), false);
  }
  clear(queueToo: boolean): Promise<void> {
    const transaction = this.database.transaction([OUTBOX, STATE], 'readwrite', { durability: 'strict' });
    transaction.objectStore(STATE).clear();
    if (queueToo) transaction.objectStore(OUTBOX).clear();
    return completed(transaction);
  }
}

/** Where there is no storage (private windows, Node): mutations are sent from memory, and the tab says so. */
export class MemoryOutbox implements OutboxStore {
  readonly durable = false;
  load(): Promise<{ mutations: readonly StoredMutation[]; rows: Uint8Array | null }> {
    return Promise.resolve({ mutations: [], rows: null });
  }
  put(): Promise<void> {
    return Promise.resolve();
  }
  remove(): Promise<void> {
    return Promise.resolve();
  }
  saveRows(): Promise<void> {
    return Promise.resolve();
  }
  clear(): Promise<void> {
    return Promise.resolve();
  }
}

export async function openOutbox(name: string): Promise<OutboxStore> {
  if (typeof indexedDB === 'undefined') return new MemoryOutbox();
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(OUTBOX, { keyPath: ['client', 'sequence'] });
    request.result.createObjectStore(STATE);
  };
  try {
    const database = await requested(request);
    void navigator.storage?.persist?.();
    return new IndexedDbOutbox(database);
  } catch {
    return new MemoryOutbox();
  }
}

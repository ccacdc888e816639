// What a damaged file of the browser's takes away: the rows, which the server has, and never what is queued, which it has not.
import { afterEach, expect, it, vi } from 'vitest';
import { openOutbox } from '../src/host/outbox_store.ts';

const queued = { client: 'c', sequence: 1, name: 'crm.leads.insert', args: {}, bases: [], createdAt: 5 };

function request<T>(run: () => T): IDBRequest<T> {
  const made = {} as { onsuccess?: () => void; onerror?: () => void; result?: T; error?: unknown };
  queueMicrotask(() => {
    try {
      made.result = run();
    } catch (error) {
      made.error = error;
      return made.onerror?.();
    }
    made.onsuccess?.();
  });
  return made as unknown as IDBRequest<T>;
}

/** As Chromium behaves where the file of a large value is gone: that request fails, and its transaction is at its end. */
function damaged(): Partial<IDBDatabase> {
  return {
    transaction: () => {
      let aborted = false;
      const ask = <T>(run: () => T) => request(() => {
        if (aborted) throw new DOMException('aborted', 'AbortError');
        return run();
      });
      const get = (key: string) => ask(() => {
        if (key !== 'rows') return undefined;
        aborted = true;
        throw new DOMException('Failed to read large IndexedDB value', 'DataError');
      });
      const objectStore = (name: string) => ({ getAll: () => ask(() => (name === 'outbox' ? [queued] : [])), get });
      return { objectStore } as unknown as IDBTransaction;
    },
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('rows that cannot be read keep nobody from what is queued', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  vi.stubGlobal('indexedDB', { open: () => request(damaged) });
  const saved = await (await openOutbox('test')).load();
  expect(saved).toEqual({ mutations: [queued], refused: [], rows: null, clients: [], traps: [] });
  expect(warned).toHaveBeenCalledOnce();
});

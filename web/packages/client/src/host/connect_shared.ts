// How a tab reaches its CoreHost in a SharedWorker. Where the worker dies while the tab lives, the tab starts the next and asks
// again for all that it had asked for (tab_memory.ts).
import { newId } from '../archive.ts';
import type { HostLink, HostRequest } from './connect_host.ts';
import { hear, NO_WORKER } from './connect_leader.ts';
import { type Announcement, tabLock, workerLock } from './leader.ts';
import { loaded } from './loading.ts';
import type { HostMessage, TabMessage } from './messages.ts';
import { databaseName, type Hello } from './start.ts';
import { TabMemory } from './tab_memory.ts';

/** A worker that dies before it has said that it lives says nothing: another one is asked, or the same, where it is only slow. */
const WAIT_MS = 10_000;

/** The way to the user's worker, which waits for a hello, and its term. Rejects where it cannot be loaded. */
function openWorker(name: string, closing: AbortSignal): Promise<readonly [MessagePort, string]> {
  return new Promise((resolve, reject) => {
    const worker = new SharedWorker(new URL('./shared_worker.ts', import.meta.url), { type: 'module', name });
    const timer = setTimeout(() => {
      worker.port.close();
      if (!closing.aborted) resolve(openWorker(name, closing));
    }, WAIT_MS);
    worker.onerror = () => {
      clearTimeout(timer);
      reject(new Error('not loaded'));
    };
    worker.port.onmessage = ({ data }: MessageEvent<Announcement>) => {
      clearTimeout(timer);
      resolve([worker.port, data.term]);
    };
  });
}

export function connectShared(request: HostRequest, hello: (lock: string) => Hello): HostLink {
  const tab = newId();
  const lock = tabLock(tab);
  const memory = new TabMemory(tab, hello(lock));
  const closing = new AbortController();
  /** The way to a worker that has said that it lives. */
  let port: MessagePort | null = null;
  let release: () => void = () => undefined;

  const follow = (to: MessagePort, term: string): void => {
    port = to;
    for (const message of memory.again()) to.postMessage(message);
    navigator.locks.request(workerLock(term), { mode: 'shared', signal: closing.signal }, () => {
      port = null;
      start();
    }).catch((error: unknown) => {
      if (!closing.signal.aborted) throw error;
    });
  };
  const start = (): void => {
    loaded(() => openWorker(databaseName(request.user), closing.signal), closing.signal).then(([to, term]) => {
      if (closing.signal.aborted) return to.close();
      to.onmessage = ({ data }: MessageEvent<HostMessage>) => {
        if (!closing.signal.aborted) hear(memory, data, request, to);
      };
      follow(to, term);
    }, () => {
      if (!closing.signal.aborted) request.receive(NO_WORKER);
    });
  };
  // The lock is held first, so that the worker never sees it free while this tab lives.
  void navigator.locks.request(lock, () => {
    if (closing.signal.aborted) return undefined;
    start();
    return new Promise<void>((resolve) => (release = resolve));
  });
  return {
    direct: false,
    send(message) {
      if (closing.signal.aborted) return;
      const marked = memory.sent(message);
      port?.postMessage(marked);
    },
    close() {
      if (closing.signal.aborted) return;
      closing.abort();
      port?.postMessage({ type: 'bye' } satisfies TabMessage);
      port?.close();
      release();
    },
  };
}

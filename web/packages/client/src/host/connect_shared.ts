// How a tab reaches its CoreHost in a SharedWorker. Where the worker dies while the tab lives, the tab starts the next and asks
// again for all that it had asked for (tab_memory.ts).
import { newId } from '../archive.ts';
import type { HostLink, HostRequest } from './connect_host.ts';
import { hear } from './connect_leader.ts';
import { type Announcement, tabLock, workerLock } from './leader.ts';
import type { HostMessage, TabMessage } from './messages.ts';
import { databaseName, type Hello } from './start.ts';
import { TabMemory } from './tab_memory.ts';

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
    const worker = new SharedWorker(new URL('./shared_worker.ts', import.meta.url), { type: 'module', name: databaseName(request.user) });
    worker.port.onmessage = ({ data }: MessageEvent<HostMessage | Announcement>) => {
      if (data.type === 'leader') follow(worker.port, data.term);
      else if (!closing.signal.aborted) hear(memory, data, request, worker.port);
    };
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

// Shell: the CoreHost in a SharedWorker, one per origin and user (the worker's name says which), serving all tabs. A tab
// holds a Web Lock as long as it lives; getting that lock here means the tab is gone, however it went. The worker holds one too
// and tells each tab its term: a worker may die with the tab that started it, whose process it shares, while others live.
/// <reference lib="webworker" />
import { HostSlot } from './host_slot.ts';
import { newId } from '../archive.ts';
import { type Announcement, workerLock } from './leader.ts';
import type { TabMessage } from './messages.ts';
import { startAlone } from './start_alone.ts';
import { linkTab } from './tab_link.ts';

const slot = new HostSlot(startAlone);
const term = newId();
const held = new Promise<void>((resolve) => {
  void navigator.locks.request(workerLock(term), () => {
    resolve();
    return new Promise<never>(() => undefined);
  });
});

const scope = globalThis as unknown as SharedWorkerGlobalScope;

scope.onconnect = (event: MessageEvent) => {
  const port = event.ports[0]!;
  const link = linkTab({ direct: false, post: (message, transfer) => port.postMessage(message, transfer) }, slot);
  port.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.type === 'hello') {
      void navigator.locks.request(data.lock, () => link.close());
    }
    link.receive(data);
  };
  void held.then(() => port.postMessage({ type: 'leader', term } satisfies Announcement));
};

// Shell: the CoreHost in a SharedWorker, one per origin and user (the worker's name says which), serving all tabs. A tab
// holds a Web Lock as long as it lives; getting that lock here means the tab is gone, however it went.
/// <reference lib="webworker" />
import { HostSlot } from './host_slot.ts';
import type { TabMessage } from './messages.ts';
import { startHost } from './start.ts';
import { linkTab } from './tab_link.ts';

const slot = new HostSlot(startHost);

const scope = globalThis as unknown as SharedWorkerGlobalScope;

scope.onconnect = (event: MessageEvent) => {
  const port = event.ports[0]!;
  const link = linkTab({ post: (message, transfer) => port.postMessage(message, transfer) }, slot);
  port.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.type === 'hello') {
      void navigator.locks.request(data.lock, () => link.close());
    }
    link.receive(data);
  };
};

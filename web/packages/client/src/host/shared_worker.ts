// Shell: the CoreHost in a SharedWorker, one per origin and user (the worker's name says which), serving all tabs. A tab
// holds a Web Lock as long as it lives; getting that lock here means the tab is gone, however it went.
/// <reference lib="webworker" />
import type { CoreHost } from './core_host.ts';
import type { TabMessage } from './messages.ts';
import { startHost } from './start.ts';
import { linkTab } from './tab_link.ts';

let host: Promise<CoreHost> | null = null;

const scope = globalThis as unknown as SharedWorkerGlobalScope;

scope.onconnect = (event: MessageEvent) => {
  const port = event.ports[0]!;
  const link = linkTab(
    { direct: false, post: (message, transfer) => port.postMessage(message, transfer) },
    (hello) => {
      // A failed start is forgotten, so that "try again" in any tab tries again.
      host ??= startHost(hello).catch((error: unknown) => {
        host = null;
        throw error;
      });
      return host;
    },
  );
  port.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.type === 'hello') {
      void navigator.locks.request(data.lock, () => link.close());
    }
    if (data.type === 'logout') host = null;
    link.receive(data);
  };
};

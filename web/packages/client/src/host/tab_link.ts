// The host's side of one tab: waits for hello, starts or joins the host, then passes messages on in order.
import type { CoreHost } from './core_host.ts';
import type { TabMessage, TabPort } from './messages.ts';
import type { Hello } from './start.ts';

export interface TabLink {
  receive(message: TabMessage): void;
  close(): void;
}

export function linkTab(port: TabPort, host: (hello: Hello) => Promise<CoreHost>): TabLink {
  let attached: { host: CoreHost; tab: ReturnType<CoreHost['attach']> } | null = null;
  let closed = false;
  const early: TabMessage[] = [];

  const begin = async (hello: Hello): Promise<void> => {
    try {
      const started = await host(hello);
      if (closed) return;
      attached = { host: started, tab: started.attach(port) };
      started.receive(attached.tab, hello);
      for (const message of early.splice(0)) started.receive(attached.tab, message);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      port.post({ type: 'failed', error: { code: 'unavailable', message, fields: [] } }, []);
    }
  };

  return {
    receive(message) {
      if (message.type === 'hello') void begin(message);
      else if (attached) attached.host.receive(attached.tab, message);
      else early.push(message);
    },
    close() {
      closed = true;
      if (attached) attached.host.detach(attached.tab);
      attached = null;
    },
  };
}

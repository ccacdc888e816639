// The host's side of one tab: waits for hello, starts or joins the host, then passes messages on in order.
import type { CoreHost } from './core_host.ts';
import type { TabMessage, TabPort } from './messages.ts';
import type { Hello } from './start.ts';

export interface TabLink {
  receive(message: TabMessage): void;
  close(): void;
}

export interface HostSource {
  join(hello: Hello): Promise<CoreHost>;
  /** Clears a user's storage where no host is left to do it; false when storage refused. */
  forget(user: string, queueToo: boolean): Promise<boolean>;
}

export function linkTab(port: TabPort, source: HostSource): TabLink {
  let attached: { host: CoreHost; tab: ReturnType<CoreHost['attach']> } | null = null;
  let user = '';
  let failed = false;
  let closed = false;
  const early: TabMessage[] = [];

  const pass = (message: TabMessage): void => {
    if (message.type === 'logout' && (failed || attached?.host.isDead)) {
      void source.forget(user, message.discard).then((cleared) => port.post({ type: 'loggedOut', cleared }, []));
    } else if (attached) {
      attached.host.receive(attached.tab, message);
    } else if (!failed) {
      early.push(message);
    }
  };

  const begin = async (hello: Hello): Promise<void> => {
    user = hello.user;
    try {
      const host = await source.join(hello);
      if (closed) return;
      attached = { host, tab: host.attach(port) };
      host.receive(attached.tab, hello);
    } catch (error) {
      failed = true;
      const message = error instanceof Error ? error.message : String(error);
      port.post({ type: 'failed', error: { code: 'unavailable', message, fields: [] } }, []);
    }
    for (const message of early.splice(0)) pass(message);
  };

  return {
    receive(message) {
      if (message.type === 'hello') void begin(message);
      else pass(message);
    },
    close() {
      closed = true;
      if (attached) attached.host.detach(attached.tab);
      attached = null;
    },
  };
}

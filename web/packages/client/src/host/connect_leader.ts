// How a tab reaches its CoreHost where a tab leads: see leader.ts.
import { newId } from '../archive.ts';
import type { HostLink, HostRequest } from './connect_host.ts';
import { type Announcement, electionLock, type Join, type LeaderOrder, type Pipe, tabChannel, tabLock } from './leader.ts';
import { loaded } from './loading.ts';
import type { HostMessage, TabMessage } from './messages.ts';
import { databaseName, type Hello } from './start.ts';
import { TabMemory } from './tab_memory.ts';

/** The worker could not be loaded, however often it was tried, or has failed since. */
export const NO_WORKER: HostMessage = {
  type: 'failed', error: { code: 'unavailable', message: 'A part of Syncline could not be loaded. Reload the page.', fields: [] },
};

/** Passes on what the application is to hear. What is held back has been seen all the same: the host waits for that. */
export function hear(memory: TabMemory, message: HostMessage, request: HostRequest, from: Pipe): void {
  const told = memory.heard(message);
  if (told) request.receive(told);
  else if (message.type === 'updates') from.postMessage({ type: 'painted' } satisfies TabMessage);
}

export function connectLeader(request: HostRequest, hello: Hello): HostLink {
  const link = new LeaderLink(request, hello);
  return { direct: false, send: (message) => link.send(message), close: () => link.close() };
}

class LeaderLink {
  private readonly name: string;
  private readonly tab = newId();
  private readonly memory: TabMemory;
  private readonly common: BroadcastChannel;
  private readonly channel: BroadcastChannel;
  private readonly closing = new AbortController();
  /** The way to the leader of this term; null while there is none. */
  private pipe: Pipe | null = null;
  private term = '';
  private worker: Worker | null = null;
  private releaseTab: () => void = () => undefined;
  private releaseElection: () => void = () => undefined;

  constructor(private readonly request: HostRequest, hello: Hello) {
    this.name = databaseName(request.user);
    this.memory = new TabMemory(this.tab, hello);
    this.common = new BroadcastChannel(this.name);
    this.channel = tabChannel(this.name, this.tab);
    this.channel.onmessage = ({ data }: MessageEvent<HostMessage | Announcement>) => this.receive(data, this.channel);
    this.common.onmessage = ({ data }: MessageEvent<Join | Announcement>) => {
      if (data.type === 'leader' && data.term !== this.term) this.join();
    };
    // The lock is held first, so that a leader never sees it free while this tab lives.
    void navigator.locks.request(tabLock(this.tab), () => {
      if (this.closing.signal.aborted) return undefined;
      this.join();
      this.stand();
      return new Promise<void>((resolve) => (this.releaseTab = resolve));
    });
  }

  send(message: TabMessage): void {
    if (this.closing.signal.aborted) return;
    const marked = this.memory.sent(message);
    this.pipe?.postMessage(marked);
  }

  close(): void {
    if (this.closing.signal.aborted) return;
    this.pipe?.postMessage({ type: 'bye' } satisfies TabMessage);
    this.closing.abort();
    this.common.close();
    this.channel.close();
    this.releaseTab();
    // The host may still be clearing storage, and have others to tell: its worker ends when it says so.
    this.worker?.postMessage({ type: 'leave' } satisfies LeaderOrder);
  }

  private join(): void {
    this.common.postMessage({ type: 'join', tab: this.tab } satisfies Join);
  }

  private receive(message: HostMessage | Announcement, from: Pipe): void {
    if (message.type === 'leader') {
      if (message.term !== this.term) this.follow(message.term, from);
      return;
    }
    // A worker that this tab has left may still speak.
    if (from !== this.pipe || this.closing.signal.aborted) return;
    hear(this.memory, message, this.request, from);
  }

  private follow(term: string, pipe: Pipe): void {
    this.term = term;
    this.pipe = pipe;
    for (const message of this.memory.again()) pipe.postMessage(message);
  }

  /** Leads as soon as nobody else does. */
  private stand(): void {
    const elected = (): Promise<void> => new Promise<void>((resolve) => {
      this.releaseElection = resolve;
      loaded(() => this.startWorker(), this.closing.signal).catch(() => {
        // Another tab may be luckier.
        resolve();
        if (!this.closing.signal.aborted) this.request.receive(NO_WORKER);
      });
    });
    navigator.locks.request(electionLock(this.name), { signal: this.closing.signal }, elected).catch((error: unknown) => {
      if (!this.closing.signal.aborted) throw error;
    });
  }

  /** Resolves when it speaks; what it is asked meanwhile waits for it. */
  private startWorker(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./leader_worker.ts', import.meta.url), { type: 'module' });
      const { port1, port2 } = new MessageChannel();
      const term = newId();
      port1.onmessage = ({ data }: MessageEvent<HostMessage>) => {
        worker.onerror = () => this.request.receive(NO_WORKER);
        resolve();
        this.receive(data, port1);
      };
      worker.onerror = () => {
        worker.terminate();
        reject(new Error('not loaded'));
      };
      worker.onmessage = () => {
        worker.terminate();
        this.releaseElection();
      };
      this.worker = worker;
      worker.postMessage({ type: 'lead', name: this.name, term, tab: this.tab } satisfies LeaderOrder, [port2]);
      this.follow(term, port1);
    });
  }
}

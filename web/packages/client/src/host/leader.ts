// Shell: a CoreHost beside the tab that leads, for browsers without SharedWorker. Every tab of a user asks for one Web Lock;
// who has it starts the worker that runs this, and when that tab is gone, however it went, the lock goes to the next.
//
//   channel NAME          leader: {leader, term}     tab: {join, tab}
//   channel NAME:TAB      leader: {leader, term}, then HostMessages     tab: TabMessages, hello first
//
// A tab says hello once in every term and repeats what it had asked for (tab_memory.ts). The leader's own tab has a
// MessagePort in place of its channel. A tab holds a lock as long as it lives; getting it here means that the tab is gone.
import type { HostMessage, TabMessage } from './messages.ts';
import { type HostSource, linkTab } from './tab_link.ts';

export interface Announcement {
  readonly type: 'leader';
  readonly term: string;
}
export interface Join {
  readonly type: 'join';
  readonly tab: string;
}

/** A channel or port to one other side. */
export interface Pipe {
  onmessage: ((event: MessageEvent) => unknown) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export const tabLock = (tab: string): string => `syncline-tab:${tab}`;
/** One for every user: who asks for it may lead. */
export const electionLock = (name: string): string => `${name}:leader`;
/** Held by the host, in whichever shell (start_alone.ts): two never work on one database. */
export const hostLock = (name: string): string => `${name}:host`;
/** Held by a SharedWorker as long as it lives. */
export const workerLock = (term: string): string => `syncline-worker:${term}`;
export const tabChannel = (name: string, tab: string): BroadcastChannel => new BroadcastChannel(`${name}:${tab}`);

/** What the page says to the worker that leads for it; what comes back is 'left', after `leave`. */
export type LeaderOrder =
  | { readonly type: 'lead'; readonly name: string; readonly term: string; readonly tab: string }
  | { readonly type: 'leave' };

/** Serves all tabs from now on. `own`: the way to the tab `tab` of this very page. */
export function lead(name: string, term: string, tab: string, own: Pipe, source: HostSource): void {
  const served = new Set<string>();
  const serve = (each: string, pipe: Pipe): void => {
    served.add(each);
    let isGone = false;
    // Nothing is transferred: a channel copies. One that is closed throws, and what a tab asked for may be answered after it has gone.
    const post = (message: HostMessage): void => {
      if (!isGone) pipe.postMessage(message);
    };
    const link = linkTab({ direct: false, post }, source);
    pipe.onmessage = ({ data }: MessageEvent<TabMessage>) => link.receive(data);
    void navigator.locks.request(tabLock(each), () => {
      link.close();
      isGone = true;
      pipe.close();
      served.delete(each);
    });
  };
  const announcement: Announcement = { type: 'leader', term };
  const common = new BroadcastChannel(name);
  common.onmessage = ({ data }: MessageEvent<Join | Announcement>) => {
    if (data.type !== 'join' || data.tab === tab || served.has(data.tab)) return;
    const channel = tabChannel(name, data.tab);
    serve(data.tab, channel);
    channel.postMessage(announcement);
  };
  serve(tab, own);
  common.postMessage(announcement);
}

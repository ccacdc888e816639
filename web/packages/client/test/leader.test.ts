// The shell that serves tabs from beside the one that leads.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CoreHost } from '../src/host/core_host.ts';
import { lead, type Pipe, tabChannel, tabLock } from '../src/host/leader.ts';
import type { HostMessage, TabPort } from '../src/host/messages.ts';

/** By lock: called when its tab is gone. */
const gone = new Map<string, () => void>();
const channels: BroadcastChannel[] = [];

beforeEach(() => {
  vi.stubGlobal('navigator', { locks: { request: (lock: string, then: () => void) => void gone.set(lock, then) } });
});
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
  vi.unstubAllGlobals();
});

it('answers what a tab asked for also when that has gone since: nobody else waits for it', async () => {
  const ports: TabPort[] = [];
  const host = { attach: (port: TabPort) => ports.push(port), detach: () => undefined, receive: () => undefined } as unknown as CoreHost;
  const own: Pipe = { onmessage: null, postMessage: () => undefined, close: () => undefined };
  lead('test', 'term', 'leader', own, { join: () => Promise.resolve(host), forget: () => Promise.resolve(true) });
  const heard: unknown[] = [];
  const follower = tabChannel('test', 'follower');
  const common = new BroadcastChannel('test');
  channels.push(follower, common);
  follower.onmessage = ({ data }: MessageEvent) => {
    heard.push(data);
    if ((data as { type: string }).type === 'leader') follower.postMessage({ type: 'hello', user: 'u' });
  };
  common.postMessage({ type: 'join', tab: 'follower' });
  await vi.waitFor(() => expect(ports).toHaveLength(1));
  const stored: HostMessage = { type: 'stored', call: 1 };
  ports[0]!.post(stored, []);
  await vi.waitFor(() => expect(heard).toContainEqual(stored));
  gone.get(tabLock('follower'))!();
  expect(() => ports[0]!.post({ type: 'stored', call: 2 }, [])).not.toThrow();
});

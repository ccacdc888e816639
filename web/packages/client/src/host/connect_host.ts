// How a tab reaches its CoreHost: a SharedWorker, a leader among the tabs where there is none (connect_leader.ts), or inline on
// the page's thread (tests, Node, single-tab embedding).
import { connectLeader } from './connect_leader.ts';
import { connectShared } from './connect_shared.ts';
import type { HostMessage, TabMessage } from './messages.ts';
import { forgetUser, type Hello, type HostParts, startHost } from './start.ts';
import { linkTab } from './tab_link.ts';

export interface HostLink {
  /** Updates arrive within the call that caused them: nothing has to be told of paints. */
  readonly direct: boolean;
  send(message: TabMessage): void;
  close(): void;
}

export interface HostRequest {
  readonly user: string;
  readonly role: string;
  readonly url: string;
  readonly wasmUrl: string;
  readonly token: string;
  readonly receive: (message: HostMessage) => void;
}

function hello(request: HostRequest, lock: string): Hello {
  const { url, wasmUrl: wasm, user, role, token } = request;
  return { type: 'hello', lock, url, wasm, user, role, token };
}

export type HostKind = 'shared' | 'leader' | 'inline';

/** The best that this browser offers; `wanted` where it offers that too. A page that is not secure has no locks to lead by. */
export function hostKind(wanted?: HostKind): HostKind {
  if (wanted === 'inline' || typeof navigator === 'undefined' || !navigator.locks) return 'inline';
  const leads = typeof BroadcastChannel !== 'undefined' && typeof Worker !== 'undefined';
  const shares = typeof SharedWorker !== 'undefined';
  if (shares && !(wanted === 'leader' && leads)) return 'shared';
  return leads ? 'leader' : 'inline';
}

export function connectHost(kind: HostKind, request: HostRequest, parts: HostParts): HostLink {
  switch (kind) {
    case 'shared':
      return connectShared(request, (lock) => hello(request, lock));
    case 'leader':
      return connectLeader(request, hello(request, ''));
    case 'inline':
      return connectInline(request, parts);
  }
}

function connectInline(request: HostRequest, parts: HostParts): HostLink {
  const link = linkTab(
    {
      direct: true,
      post(message) {
        // Results are the application's to read as soon as the call returns; everything else waits until the core is at rest.
        if (message.type !== 'updates') {
          queueMicrotask(() => request.receive(message));
          return;
        }
        try {
          request.receive(message);
        } catch (error) {
          // A listener's error is the application's, not the core's.
          queueMicrotask(() => {
            throw error;
          });
        }
      },
    },
    { join: (first) => startHost(first, parts), forget: forgetUser },
  );
  link.receive(hello(request, ''));
  return { direct: true, send: (message) => link.receive(message), close: () => link.close() };
}

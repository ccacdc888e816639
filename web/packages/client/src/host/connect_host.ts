// How a tab reaches its CoreHost: a SharedWorker, or inline on the page's thread (tests, Node, single-tab embedding).
import { newId } from '../archive.ts';
import type { HostMessage, TabMessage } from './messages.ts';
import { databaseName, forgetUser, startHost } from './start.ts';
import { linkTab } from './tab_link.ts';
import type { WasmSource } from './wasm_core.ts';

export interface HostLink {
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

function hello(request: HostRequest, lock: string): TabMessage {
  const { url, wasmUrl: wasm, user, role, token } = request;
  return { type: 'hello', lock, url, wasm, user, role, token };
}

export function connectShared(request: HostRequest): HostLink {
  const worker = new SharedWorker(new URL('./shared_worker.ts', import.meta.url), {
    type: 'module',
    name: databaseName(request.user),
  });
  const lock = `syncline-tab:${newId()}`;
  let release: () => void = () => undefined;
  let closed = false;
  worker.port.onmessage = ({ data }: MessageEvent<HostMessage>) => request.receive(data);
  // The lock is held first, so that the worker never sees it free while this tab lives.
  void navigator.locks.request(lock, () => {
    if (closed) return undefined;
    worker.port.postMessage(hello(request, lock));
    return new Promise<void>((resolve) => (release = resolve));
  });
  return {
    send: (message) => worker.port.postMessage(message),
    close() {
      closed = true;
      worker.port.postMessage({ type: 'bye' } satisfies TabMessage);
      worker.port.close();
      release();
    },
  };
}

export function connectInline(request: HostRequest, wasm?: WasmSource): HostLink {
  const link = linkTab(
    { post: (message) => queueMicrotask(() => request.receive(message)) },
    { join: (first) => startHost(first, wasm), forget: forgetUser },
  );
  link.receive(hello(request, ''));
  return { send: (message) => link.receive(message), close: () => link.close() };
}

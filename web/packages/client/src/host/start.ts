// Makes a CoreHost from what a tab says at hello. Shared by both shells.
import { newId } from '../archive.ts';
import { schema } from '../generated/schema.ts';
import { CoreHost } from './core_host.ts';
import { fallbackTransport } from './fallback_transport.ts';
import { loaded } from './loading.ts';
import type { TabMessage } from './messages.ts';
import { openOutbox } from './outbox_store.ts';
import type { Transport } from './transport.ts';
import { WasmCore, type WasmSource } from './wasm_core.ts';
import { setErrorCodes } from './wire.ts';

export type Hello = Extract<TabMessage, { type: 'hello' }>;

export function databaseName(user: string): string {
  return `syncline:${user}`;
}

async function fetchWasm(url: string): Promise<WasmSource> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`syncline.wasm could not be loaded (${response.status})`);
  return response.headers.get('content-type')?.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : response.arrayBuffer();
}

/** Clears a user's storage without a host; false when storage refused. */
export async function forgetUser(user: string, queueToo: boolean): Promise<boolean> {
  try {
    await (await openOutbox(databaseName(user))).clear(queueToo);
    return true;
  } catch {
    return false;
  }
}

/** What only a host on the page's own thread can be given. */
export interface HostParts {
  readonly wasm?: WasmSource | undefined;
  readonly transport?: Transport | undefined;
}

export async function startHost(hello: Hello, { wasm, transport }: HostParts = {}): Promise<CoreHost> {
  setErrorCodes(schema.errorCodes);
  const [core, outbox] = await Promise.all([
    wasm ? WasmCore.load(wasm) : loaded(() => fetchWasm(hello.wasm)).then((source) => WasmCore.load(source)),
    openOutbox(databaseName(hello.user)),
  ]);
  if (core.schemaHash !== schema.hash) {
    throw new Error('syncline.wasm and the app were built from different schemas; reload the page');
  }
  return CoreHost.start({
    schema, core, outbox,
    transport: transport ?? fallbackTransport(hello.url),
    client: newId(),
    user: hello.user,
    role: hello.role,
    seed: crypto.getRandomValues(new BigUint64Array(1))[0]!,
  });
}

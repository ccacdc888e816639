// The page that the benchmarks run in when they run in Chromium (runner.ts): one engine on one case per page.
import { cases } from '../cases/index.ts';
import { engines } from '../engines/index.ts';
import { collectGarbage, type Machine } from '../machine.ts';
import { type Limits, measure, readSoFar } from '../measure.ts';
import type { Sample } from '../types.ts';
import { measureRemote } from './measure_remote.ts';
import { openRemote } from './remote.ts';

export interface Asked {
  readonly test: string;
  readonly engine: string;
  readonly limits: Limits;
  /** Changes come through a WebSocket, Syncline's into its worker. */
  readonly remote: boolean;
}

declare global {
  /** The runner's: JavaScript heap and array buffers, after a collection. */
  var heapBytes: () => Promise<number>;
  var bench: (asked: Asked) => Promise<Sample>;
}

/** The browser counts array buffers, but no WebAssembly pages. */
const memories: WebAssembly.Memory[] = [];
const { instantiate } = WebAssembly;
WebAssembly.instantiate = (async (source: WebAssembly.Module, imports?: WebAssembly.Imports) => {
  const instance = await instantiate(source, imports);
  memories.push(...Object.values(instance.exports).filter((each) => each instanceof WebAssembly.Memory));
  return instance;
}) as typeof WebAssembly.instantiate;

const page: Machine = {
  collectGarbage,
  heapBytes: async () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, await globalThis.heapBytes()),
  cpuTime: () => 0,
};

globalThis.bench = async ({ test: name, engine: engineName, limits, remote }) => {
  // On the page's thread nothing is stored, as nothing of the other engines is.
  if (!remote) Object.defineProperty(globalThis, 'indexedDB', { value: undefined });
  const test = cases.find((each) => each.name === name)!;
  const wasm = await WebAssembly.compileStreaming(fetch('/syncline.wasm'));
  const engine = engines(wasm).find((each) => each.name === engineName)!;
  if (remote) return measureRemote(test, await openRemote(test, engine, limits), limits);
  const sample = await measure(test, engine, limits, page);
  if (readSoFar() === 0) throw new Error('nothing was read');
  return sample;
};

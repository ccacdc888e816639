import type { Engine } from '../types.ts';
import { jsIncremental } from './js_incremental.ts';
import { jsNaive } from './js_naive.ts';
import { synclineEngine } from './syncline.ts';
import { tanstackDb } from './tanstack_db.ts';
import { tanstackQuery } from './tanstack_query.ts';

export function engines(wasm: WebAssembly.Module): readonly Engine[] {
  return [synclineEngine(wasm), jsIncremental, jsNaive, tanstackQuery, tanstackDb];
}

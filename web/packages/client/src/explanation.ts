// What the core knows of a live query (wasm/ABI.md, sl_explain), for people who wonder what it costs.
import { ArchiveReader } from './archive.ts';
import type { QueryStatus } from './host/messages.ts';
import type { CollectionMeta } from './schema_types.ts';

/** In the order of sl_explain's numbers. */
const ROUTED_BY = ['nothing', 'never', 'residual', 'equality', 'item', 'prefix', 'range'] as const;
const STATUSES: readonly QueryStatus[] = ['loading', 'partial', 'complete', 'error'];

/**
 * How changes find the query: by the value of a field, a set's item, a text's beginning or a range; `residual`: every change of
 * the collection is put to it; `never`: no row can match; `nothing`: the server alone moves it (an aggregate), or nobody looks.
 */
export type RoutedBy = (typeof ROUTED_BY)[number];

export interface Explanation {
  readonly status: QueryStatus;
  readonly routedBy: RoutedBy;
  /** By whose values; null without an index. */
  readonly field: string | null;
  /** Changes wait for the server's answer, and may show in the result. */
  readonly pending: boolean;
  /** In the result. */
  readonly rows: number;
  /** Rows that the server sent for it, related ones included, and their bytes. */
  readonly held: number;
  readonly bytes: number;
  /** How often it was evaluated from the beginning. */
  readonly hydrated: number;
  /** Changes that the index led to it, and those that altered its result. */
  readonly routed: number;
  readonly altered: number;
  /** How often its rows were not what the server's are, by their signature, and were fetched anew; should be never. */
  readonly mismatches: number;
}

export function readExplanation(facts: Uint8Array, collection: CollectionMeta): Explanation {
  const input = new ArchiveReader(facts);
  const status = STATUSES[input.u32()] ?? 'error';
  const routedBy = ROUTED_BY[input.u32()] ?? 'nothing';
  const number = input.u32();
  const pending = input.u32() !== 0;
  return {
    status, routedBy, pending,
    field: collection.fields.find((field) => field.id === number)?.name ?? null,
    rows: input.u32(), held: input.u32(), bytes: input.u32(),
    hydrated: input.u32(), routed: input.u32(), altered: input.u32(), mismatches: input.u32(),
  };
}

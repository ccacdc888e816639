// One query of one tab, with what the tab has not been told of it yet, and how that reads as one message.
import type { ArchiveReader } from '../archive.ts';
import type { QueryUpdate, RowWindow } from './messages.ts';
import { areTooMany, changedPositions } from './view_edits.ts';
import type { WasmCore } from './wasm_core.ts';
import { type EngineError, readOptionalError } from './wire.ts';

const STATUSES = ['loading', 'partial', 'complete', 'error'] as const;

export interface Subscription<Tab> {
  readonly tab: Tab;
  /** The tab's number of it, and the core's. */
  readonly query: number;
  readonly number: number;
  window: RowWindow;
  status: number;
  error: EngineError | null;
  total: number;
  waits: boolean;
  edits: number[];
  whole: boolean;
  groups: boolean;
}

/** The first update is the whole window: the tab may show what the host before it told of the query, and edits count from nothing. */
export function newSubscription<Tab>(tab: Tab, query: number, number: number, window: RowWindow): Subscription<Tab> {
  return { tab, query, number, window, status: 0, error: null, total: 0, waits: false, edits: [], whole: true, groups: false };
}

/** The rest of the core's message `view_update`. What waits for a tab that does not paint is bounded. */
export function addUpdate(subscription: Subscription<unknown>, input: ArchiveReader): void {
  subscription.status = input.u8();
  subscription.error = readOptionalError(input);
  for (let left = input.u32(); left > 0; left--) subscription.edits.push(input.u8(), input.u32());
  if (input.bool() || areTooMany(subscription.edits)) subscription.whole = true;
  if (subscription.whole) subscription.edits = [];
  if (input.bool()) subscription.groups = true;
  subscription.total = input.u32();
}

/** The tab is told of it: nothing waits any more. `inPlace`: the rows are read before the next call of the core. */
export function takeUpdate(core: WasmCore, subscription: Subscription<unknown>, inPlace: boolean): QueryUpdate {
  const { query, number, window, edits } = subscription;
  const { first, count } = window;
  const positions = subscription.whole ? null : changedPositions(edits);
  const rows = (at: number, length: number): Uint8Array =>
    inPlace && (positions === null || positions.length === 1) && !subscription.groups
      ? core.windowInPlace(number, at, length)
      : core.window(number, at, length);
  const update: QueryUpdate = {
    query,
    status: STATUSES[subscription.status] ?? 'loading',
    error: subscription.error,
    whole: positions === null,
    edits: positions === null ? [] : edits,
    positions: positions ?? [],
    windows: positions === null ? [rows(first, count)] : positions.map((at) => rows(first + at, 1)),
    groups: !subscription.groups ? null : inPlace ? core.groupsInPlace(number) : core.groups(number),
    total: subscription.total,
  };
  subscription.waits = false;
  subscription.edits = [];
  subscription.whole = false;
  subscription.groups = false;
  return update;
}

export function failedUpdate(query: number, error: EngineError): QueryUpdate {
  return { query, status: 'error', error, whole: false, edits: [], positions: [], windows: [], groups: null, total: 0 };
}

// One query of one tab, with what the tab has not been told of it yet, and how that reads as one message.
import type { ArchiveReader } from '../archive.ts';
import type { QueryUpdate, RowWindow } from './messages.ts';
import { areTooMany, changedPositions } from './view_edits.ts';
import type { WasmCore } from './wasm_core.ts';
import { type EngineError, readOptionalError } from './wire.ts';

const NONE: readonly number[] = [];
const NO_WINDOWS: readonly Uint8Array[] = [];
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
  const count = input.u32();
  // Most are one edit, the first since the tab was told: a list that grows would take four times the room.
  if (count === 1 && subscription.edits.length === 0) subscription.edits = [input.u8(), input.u32()];
  else for (let left = count; left > 0; left--) subscription.edits.push(input.u8(), input.u32());
  if (input.bool() || areTooMany(subscription.edits)) subscription.whole = true;
  if (subscription.whole) subscription.edits = [];
  if (input.bool()) subscription.groups = true;
  subscription.total = input.u32();
}

/** The tab is told of it: nothing waits any more. `inPlace`: what can be is read before the next call of the core. */
export function takeUpdate(core: WasmCore, subscription: Subscription<unknown>, inPlace: boolean): QueryUpdate {
  const { query, number, whole, groups, edits } = subscription;
  const positions = whole ? null : changedPositions(edits);
  const update: QueryUpdate = {
    query,
    status: STATUSES[subscription.status] ?? 'loading',
    error: subscription.error,
    whole: positions === null,
    // Never the array that goes on collecting.
    edits: positions === null || edits.length === 0 ? NONE : edits,
    positions: positions ?? NONE,
    // What is grouped has no rows.
    windows: groups ? NO_WINDOWS : takeWindows(core, subscription, positions, inPlace),
    groups: !groups ? null : inPlace ? core.groupsInPlace(number) : core.groups(number),
    total: subscription.total,
  };
  subscription.waits = false;
  if (edits.length > 0) subscription.edits = [];
  subscription.whole = false;
  subscription.groups = false;
  return update;
}

function takeWindows(core: WasmCore, { number, window }: Subscription<unknown>, positions: readonly number[] | null, inPlace: boolean): Uint8Array[] {
  const { first, count } = window;
  if (positions === null) return [inPlace ? core.windowInPlace(number, first, count) : core.window(number, first, count)];
  if (inPlace && positions.length === 1) return [core.windowInPlace(number, first + positions[0]!, 1)];
  return positions.map((at) => core.window(number, first + at, 1));
}

export function failedUpdate(query: number, error: EngineError): QueryUpdate {
  return { query, status: 'error', error, whole: false, edits: [], positions: [], windows: [], groups: null, total: 0 };
}

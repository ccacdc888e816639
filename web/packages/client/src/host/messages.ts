// What a tab and its CoreHost say to each other. One message each way per turn (BOUNDARY.md); rows travel as packed bytes.
import type { Carrier } from './transport.ts';
import type { EngineError, MutationId, RefusedMutation, Verdict } from './wire.ts';
import type { JsValue } from '../value.ts';

export type QueryStatus = 'loading' | 'partial' | 'complete' | 'error';

export interface ConnectionInfo extends Carrier {
  readonly state: 'connected' | 'connecting' | 'disconnected';
  /** Of this outage; 0 when connected. */
  readonly attempt: number;
  /** Epoch ms of the next try, null when none is planned. */
  readonly retryAt: number | null;
  /** Mutations that the server has not answered yet. */
  readonly pending: number;
  /** Own changes that `undo` can take back, and that `redo` can do again. */
  readonly undoable: number;
  readonly redoable: number;
  /** false: browser storage refused; queued changes live in this tab only (SEMANTICS 12). */
  readonly durable: boolean;
  /** Storage refuses other writes: a reload starts from older data and asks the server for the rest. */
  readonly storageBehind: boolean;
}

/** Why a user's host is over: somebody signed out in one of the tabs, or the server ended the session. */
export type EndReason = 'signedOut' | 'sessionEnded';

/** A live query moved. Either `edits` (with the changed rows) or, with `whole`, the full window. */
export interface QueryUpdate {
  readonly query: number;
  readonly status: QueryStatus;
  readonly error: EngineError | null;
  readonly whole: boolean;
  /** (kind, position) pairs: 0 insert, 1 remove, 2 replace; applied one after another. */
  readonly edits: readonly number[];
  /** Windows as of sl_window; not whole: one for each of `positions`, in ascending order. */
  readonly windows: readonly Uint8Array[];
  readonly positions: readonly number[];
  /** AggregateRow[] of an aggregate query, when it changed. */
  readonly groups: Uint8Array | null;
  /** Length of the whole list, of which the window may be a part. */
  readonly total: number;
}

/** `count` rows from `first` on; count 0: the rows are held, and nobody looks at them. */
export interface RowWindow {
  readonly first: number;
  readonly count: number;
}
export const ALL_ROWS: RowWindow = { first: 0, count: 0xffff_ffff };

export interface SettledMutation {
  readonly mutationId: MutationId;
  readonly mutator: string;
  readonly verdict: Verdict;
}

/** One field of a draft whose edit has begun. */
export interface DraftField {
  readonly value: JsValue;
  readonly error: EngineError | null;
  /** Somebody else changed it since its edit began; `theirs` is their value, and `at` when the record became so. */
  readonly conflict: boolean;
  /** What its author saw. */
  readonly base: JsValue;
  readonly theirs: JsValue;
  readonly at: number;
  /** The record's, as of which there is a conflict or none. */
  readonly version: number;
  /** The record's in which its author saw `base`: what a begin of this edit needs. */
  readonly baseVersion: number;
}
export interface DraftState {
  /** The record is gone. */
  readonly deleted: boolean;
  /** Only those whose edit has begun. */
  readonly fields: Readonly<Record<string, DraftField>>;
  /** The record cannot be edited, or the last edit was refused. */
  readonly error: EngineError | null;
}

export interface DraftNews {
  readonly draft: number;
  readonly state: DraftState;
}

export type TabMessage =
  | { readonly type: 'hello'; readonly lock: string; readonly url: string; readonly wasm: string; readonly user: string; readonly role: string; readonly token: string; readonly again?: boolean }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'subscribe'; readonly query: number; readonly bytes: Uint8Array; readonly window: RowWindow }
  | { readonly type: 'window'; readonly query: number; readonly window: RowWindow }
  | { readonly type: 'unsubscribe'; readonly query: number }
  /**
   * With an `origin`, unique among tabs and calls, the host says when it is stored, and runs it once however often it is asked.
   * It takes the place of the refused ones that it `replaces`. `accepted`: by an earlier host, so that only the server may refuse it; `undo`:
   * as what an undo became there, which is not taken back in its turn.
   */
  | { readonly type: 'mutate'; readonly call: number; readonly bytes: Uint8Array; readonly origin?: string; readonly accepted?: true; readonly undo?: true; readonly replaces?: readonly MutationId[] }
  /** A refused mutation is not wanted any more. */
  | { readonly type: 'discard'; readonly id: MutationId }
  | { readonly type: 'undo'; readonly call: number; readonly redo: boolean; readonly origin?: string }
  /** Of command `draft`, without action and number; `draft` is the tab's number of it, `call`, `origin` and `accepted` (as of `mutate`) only for a commit. */
  | { readonly type: 'draft'; readonly call: number; readonly draft: number; readonly action: number; readonly bytes: Uint8Array; readonly origin?: string; readonly accepted?: true }
  | { readonly type: 'explain'; readonly call: number; readonly query: number }
  /** The host has heard all that it was asked for again, and says so by the same, after it has told how each draft stands. */
  | { readonly type: 'askedAgain' }
  | { readonly type: 'painted' }
  | { readonly type: 'online'; readonly online: boolean }
  | { readonly type: 'retry' }
  | { readonly type: 'logout'; readonly discard: boolean }
  /** The server says that the session is over; the queue is kept, as nobody was asked. */
  | { readonly type: 'sessionEnded' }
  | { readonly type: 'bye' };

export type HostMessage =
  | { readonly type: 'updates'; readonly updates: readonly QueryUpdate[] }
  /** `made`: of an undo, the `mutate` that it became, as bytes. */
  | { readonly type: 'answer'; readonly call: number; readonly mutationId: MutationId | null; readonly error: EngineError | null; readonly certain: boolean; readonly result: Readonly<Record<string, JsValue>>; readonly made?: Uint8Array }
  /** The mutation, or commit, of this call has an origin, and no crash loses it any more. */
  | { readonly type: 'stored'; readonly call: number }
  /** All that the server has refused and nobody has decided about. */
  | { readonly type: 'refused'; readonly refused: readonly RefusedMutation[] }
  | { readonly type: 'drafts'; readonly drafts: readonly DraftNews[] }
  | { readonly type: 'askedAgain' }
  /** Of sl_explain; null: the host has no such query. */
  | { readonly type: 'explained'; readonly call: number; readonly facts: Uint8Array | null }
  | { readonly type: 'settled'; readonly settled: SettledMutation }
  | { readonly type: 'connection'; readonly connection: ConnectionInfo }
  | { readonly type: 'tokenWanted' }
  | { readonly type: 'reloadWanted'; readonly error: EngineError }
  | { readonly type: 'failed'; readonly error: EngineError }
  /** Another tab of this user ended the host; nothing comes from it any more. */
  | { readonly type: 'ended'; readonly reason: EndReason }
  /** The answer to `logout`. cleared: this user's rows (and queue, with `discard`) are gone from the browser. */
  | { readonly type: 'loggedOut'; readonly cleared: boolean };

/** One tab as the host sees it. */
export interface TabPort {
  /**
   * On the same thread: updates are read before post() returns, as their rows may lie in the core's memory, and paints are not
   * waited for.
   */
  readonly direct: boolean;
  post(message: HostMessage, transfer: Transferable[]): void;
}

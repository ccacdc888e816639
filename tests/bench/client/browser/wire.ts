// What the page and the runner's server say to each other beside the data (one WebSocket, JSON): the page asks for frames.
import type { Subscriptions } from '../server_model.ts';

export interface RunSpec {
  readonly test: string;
  readonly rows: number;
  readonly ops: number;
  readonly seed: number;
  readonly syncline: boolean;
}
/** How many queries the page has open: the server knows by it when all have come. */
export interface Expected {
  readonly view: number;
  readonly users: boolean;
  readonly leads: boolean;
}
export type Ask =
  | { readonly type: 'open'; readonly run: RunSpec }
  | { readonly type: 'encode'; readonly expected: Expected }
  | { readonly type: 'load' }
  /** Frames `from` to `to` (not included). */
  | { readonly type: 'apply'; readonly from: number; readonly to: number }
  /** `sequence`: it is the page's so manieth. */
  | { readonly type: 'reject'; readonly change: number; readonly sequence: number };
/** To engines without a wire of their own their frames come here too, as text behind one letter. */
export const Frame = { ready: 'r', load: 'L', apply: 'A', reject: 'R' } as const;

export function subscriptionsOf(numbers: readonly number[], { view, users, leads }: Expected): Subscriptions {
  const at = (index: number): number => numbers[index]!;
  return { view: numbers.slice(0, view), users: users ? at(view) : 0, leads: leads ? at(view + (users ? 1 : 0)) : 0 };
}
export const countOf = ({ view, users, leads }: Expected): number => view + (users ? 1 : 0) + (leads ? 1 : 0);

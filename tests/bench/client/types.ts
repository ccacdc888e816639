// What a case asks of an engine, and what an engine must offer to be measured.

export const STATUSES = ['new', 'contacted', 'qualified', 'unqualified', 'converted'] as const;

/** Twelve fields and the id; the same plain object for every engine. */
export interface Lead {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly companyName: string;
  readonly jobTitle: string;
  readonly sourceId: string;
  readonly status: string;
  readonly score: number;
  /** Whole, and of no two leads the same: an order by it has no ties, which engines break differently. */
  readonly value: number;
  readonly ownerId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** One change, as the server tells it. */
export type Op =
  | { readonly kind: 'lead'; readonly id: string; readonly set: Partial<Lead> }
  | { readonly kind: 'user'; readonly id: string; readonly set: Partial<User> };

export type View =
  /** Leads by value, the highest first. */
  | { readonly kind: 'top'; readonly limit: number }
  /** The same without a limit, of which `count` rows from `first` on are on the screen. */
  | { readonly kind: 'window'; readonly first: number; readonly count: number }
  /** As `top`, each row with its owner. */
  | { readonly kind: 'joined'; readonly limit: number }
  /** One query per owner: the leads with this `ownerId`, by id. */
  | { readonly kind: 'owned'; readonly owners: readonly string[] }
  /** Count and sum of values by status. */
  | { readonly kind: 'group' };

export interface Workload {
  readonly leads: readonly Lead[];
  readonly users: readonly User[];
  readonly view: View;
  /** Changes of the server; of an optimistic case: changes of the user that the server then rejects. */
  readonly ops: readonly Op[];
  readonly optimistic: boolean;
}

export interface GroupRow {
  readonly key: string;
  readonly count: number;
  readonly sum: number;
}
/** A result as a screen would get it: plain values. */
export type Rows = readonly object[];

export interface Session {
  /** The first rows of the view come in, then all: one step each, or one for both. */
  readonly load: readonly (() => void)[];
  /** Frame `i` enters. When this returns (or resolves) the view has moved. */
  apply(i: number): void | Promise<void>;
  /** The server's "no" to change `i` enters; the view is as before it. Optimistic cases only. */
  reject(i: number): void | Promise<void>;
  /** The results that changed since the last call. */
  changes(): readonly Rows[];
  /** Query number `query` of the view, in the form of the oracle. */
  result(query: number): Rows;
  /** Drops what only the benchmark holds (frames, changes), so that the engine's own memory is left. No more changes follow. */
  forget(): void;
  close(): void;
}

export interface Engine {
  readonly name: string;
  /** Everything that is not the client's work: what a server encodes, the connection, the subscriptions. */
  open(workload: Workload): Promise<Session>;
}

export interface Case {
  readonly name: string;
  readonly about: string;
  /** What a sample is: an op, or the load. */
  readonly measures: 'ops' | 'load' | 'first' | 'memory';
  make(size: { readonly rows: number; readonly ops: number; readonly seed: number }): Workload;
}

export interface Sample {
  readonly p50_us: number;
  readonly p99_us: number;
  readonly ops_per_s: number;
  readonly bytes: number;
}
export interface Line extends Sample {
  readonly case: string;
  readonly engine: string;
}

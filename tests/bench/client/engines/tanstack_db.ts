// TanStack DB: collections fed through its sync interface, live queries on top, B-tree indexes made as queries ask for them.
import { BTreeIndex, count, createCollection, createLiveQueryCollection, createTransaction, eq, sum } from '@tanstack/db';
import { encodeJson, parseInitial, parseOp } from '../json_wire.ts';
import { plainGroup, plainLead } from '../oracle.ts';
import type { Engine, GroupRow, Lead, Op, Rows, Session, View, Workload } from '../types.ts';
import { STATUSES } from '../types.ts';

interface Sync {
  begin(): void;
  write(message: { type: 'insert' | 'update'; value: object }): void;
  /** true, or a promise of it where earlier work is still on its way. */
  commit(): unknown;
  markReady(): void;
}

function feed(id: string) {
  let sync: Sync | undefined;
  const collection = createCollection<{ id: string }, string>({
    id,
    getKey: (row: { id: string }) => row.id,
    startSync: true,
    gcTime: 0,
    autoIndex: 'eager',
    defaultIndexType: BTreeIndex,
    sync: {
      rowUpdateMode: 'full',
      sync: (given: unknown) => {
        sync = given as Sync;
        return () => undefined;
      },
    },
  } as never);
  return { collection, sync: sync! };
}

type LiveRows = { readonly toArray: Rows; subscribeChanges(callback: () => void): unknown; cleanup(): Promise<void>; preload(): Promise<void> };

class Tables {
  private readonly leads = feed('leads');
  private readonly users = feed('users');
  private readonly live: LiveRows[] = [];
  private readonly dirty = new Set<number>();
  private readonly transactions = new Map<number, { rollback(): unknown }>();
  constructor(private readonly view: View) {}

  load(text: string): void {
    const { leads, users } = parseInitial(text);
    for (const [table, rows] of [[this.users, users], [this.leads, leads]] as const) {
      table.sync.begin();
      for (const value of rows) table.sync.write({ type: 'insert', value });
      table.sync.commit();
      table.sync.markReady();
    }
    if (this.view.kind === 'owned') for (const owner of this.view.owners) this.watch(this.owned(owner));
    else this.watch(this.query());
  }

  private watch(query: unknown): void {
    const live = createLiveQueryCollection({ query, startSync: true, gcTime: 0 } as never) as unknown as LiveRows;
    const number = this.live.push(live) - 1;
    live.subscribeChanges(() => this.dirty.add(number));
    this.dirty.add(number);
  }

  // The builder's types follow the collections' rows; here they are plain objects.
  /* eslint-disable @typescript-eslint/no-explicit-any */
  private owned(owner: string): unknown {
    return (q: any) => q.from({ lead: this.leads.collection }).where(({ lead }: any) => eq(lead.ownerId, owner));
  }
  private query(): unknown {
    const { view } = this;
    const from = (q: any): any => q.from({ lead: this.leads.collection });
    const sorted = (q: any): any => q.orderBy(({ lead }: any) => lead.value, 'desc');
    switch (view.kind) {
      case 'top':
        return (q: any) => sorted(from(q)).limit(view.limit);
      case 'window':
        return (q: any) => sorted(from(q)).limit(view.count).offset(view.first);
      case 'joined':
        return (q: any) => sorted(from(q).leftJoin({ owner: this.users.collection }, ({ lead, owner }: any) => eq(lead.ownerId, owner.id)))
          .limit(view.limit)
          .select(({ lead, owner }: any) => ({ ...lead, owner: { id: owner.id, email: owner.email, name: owner.name } }));
      case 'group':
        return (q: any) => from(q).groupBy(({ lead }: any) => lead.status)
          .select(({ lead }: any) => ({ key: lead.status, count: count(lead.id), sum: sum(lead.value) }));
      default:
        throw new Error(`no query for ${view.kind}`);
    }
  }
  /* eslint-enable @typescript-eslint/no-explicit-any */

  apply(op: Op): void | Promise<void> {
    const table = op.kind === 'user' ? this.users : this.leads;
    table.sync.begin();
    table.sync.write({ type: 'update', value: { ...table.collection.get(op.id)!, ...op.set } });
    const done = table.sync.commit();
    return done instanceof Promise ? done.then(() => undefined) : undefined;
  }

  change(number: number, op: Op): void {
    const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() });
    transaction.isPersisted.promise.catch(() => undefined);
    transaction.mutate(() => {
      this.leads.collection.update(op.id, (draft: object) => void Object.assign(draft, op.set));
    });
    this.transactions.set(number, transaction);
  }
  takeBack(number: number): void {
    this.transactions.get(number)!.rollback();
    this.transactions.delete(number);
  }

  take(): readonly Rows[] {
    const changed = Array.from(this.dirty, (number) => this.live[number]!.toArray);
    this.dirty.clear();
    return changed;
  }
  result(query: number): Rows {
    const rows = this.live[query]!.toArray;
    if (this.view.kind === 'group') {
      const place = (row: object): number => STATUSES.indexOf((row as GroupRow).key as never);
      return rows.slice().sort((a, b) => place(a) - place(b)).map((row) => plainGroup(row as GroupRow));
    }
    // A query without an order promises none.
    if (this.view.kind === 'owned') return (rows.slice() as Lead[]).sort((a, b) => (a.id < b.id ? -1 : 1)).map(plainLead);
    return rows.map(plainLead);
  }
  close(): void {
    for (const live of this.live) void live.cleanup();
    void this.leads.collection.cleanup();
    void this.users.collection.cleanup();
  }
}

export const tanstackDb: Engine = {
  name: 'tanstack-db',
  open(workload: Workload): Promise<Session> {
    let { initial, frames } = encodeJson(workload);
    let { ops } = workload;
    const { optimistic } = workload;
    const tables = new Tables(workload.view);
    return Promise.resolve({
      load: [() => {
        tables.load(initial);
        initial = '';
      }],
      apply: (i) => (optimistic ? tables.change(i, ops[i]!) : tables.apply(parseOp(frames[i]!))),
      reject: (i) => tables.takeBack(i),
      changes: () => tables.take(),
      result: (query) => tables.result(query),
      forget() {
        frames = [];
        ops = [];
      },
      close: () => tables.close(),
    });
  },
};

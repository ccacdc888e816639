// A Map of rows, and every query run again after every change.
import { encodeJson, parseInitial, parseOp } from '../json_wire.ts';
import { plainGroup, plainLead } from '../oracle.ts';
import type { Engine, GroupRow, Lead, Op, Rows, Session, User, View, Workload } from '../types.ts';
import { STATUSES } from '../types.ts';

class Store {
  readonly leads = new Map<string, Lead>();
  readonly users = new Map<string, User>();
  private results: readonly Rows[] = [];
  private stale = true;
  constructor(private readonly view: View) {}

  put(op: Op): void {
    if (op.kind === 'user') this.users.set(op.id, { ...this.users.get(op.id)!, ...op.set });
    else this.leads.set(op.id, { ...this.leads.get(op.id)!, ...op.set });
    this.stale = true;
  }
  run(): void {
    this.results = this.evaluate();
    this.stale = false;
  }
  take(): readonly Rows[] {
    if (this.stale) this.run();
    return this.results;
  }
  result(query: number): Rows {
    const rows = this.take()[query]!;
    return this.view.kind === 'group' ? rows.map((row) => plainGroup(row as GroupRow)) : rows.map(plainLead);
  }

  private sorted(): Lead[] {
    return [...this.leads.values()].sort((a, b) => b.value - a.value);
  }
  private evaluate(): readonly Rows[] {
    const { view } = this;
    switch (view.kind) {
      case 'top':
        return [this.sorted().slice(0, view.limit)];
      case 'window':
        return [this.sorted().slice(view.first, view.first + view.count)];
      case 'joined':
        return [this.sorted().slice(0, view.limit).map((lead) => ({ ...lead, owner: this.users.get(lead.ownerId) ?? null }))];
      case 'owned':
        return view.owners.map((owner) =>
          [...this.leads.values()].filter((lead) => lead.ownerId === owner).sort((a, b) => (a.id < b.id ? -1 : 1)));
      case 'group':
        return [STATUSES.map((key) => {
          const members = [...this.leads.values()].filter((lead) => lead.status === key);
          return { key, count: members.length, sum: members.reduce((sum, lead) => sum + lead.value, 0) };
        }).filter((group) => group.count > 0)];
    }
  }
}

export const jsNaive: Engine = {
  name: 'js-naive',
  open(workload: Workload): Promise<Session> {
    let { initial, frames } = encodeJson(workload);
    let { ops } = workload;
    const { optimistic } = workload;
    const store = new Store(workload.view);
    const before = new Map<number, Lead>();
    return Promise.resolve({
      load: [() => {
        const { leads, users } = parseInitial(initial);
        initial = '';
        for (const lead of leads) store.leads.set(lead.id, lead);
        for (const user of users) store.users.set(user.id, user);
        store.run();
      }],
      apply(i) {
        if (optimistic) before.set(i, store.leads.get(ops[i]!.id)!);
        store.put(optimistic ? ops[i]! : parseOp(frames[i]!));
      },
      reject(i) {
        store.put({ kind: 'lead', id: ops[i]!.id, set: before.get(i)! });
        before.delete(i);
      },
      changes: () => store.take(),
      result: (query) => store.result(query),
      forget() {
        frames = [];
        ops = [];
      },
      close: () => undefined,
    });
  },
};

// TanStack Query as a cache that is kept up to date by hand: each message from the server becomes setQueryData with a new
// list, as its documentation shows; the user's changes are optimistic updates with the list as it was kept for the way back.
import { notifyManager, QueryClient, type QueryKey, QueryObserver } from '@tanstack/query-core';
import { encodeJson, parseInitial, parseOp } from '../json_wire.ts';
import { plainGroup, plainLead } from '../oracle.ts';
import type { Engine, GroupRow, Lead, Op, Rows, Session, User, View, Workload } from '../types.ts';
import { STATUSES } from '../types.ts';

// Without this, observers hear of a change in a later task.
notifyManager.setScheduler((callback) => callback());

const byValue = (a: Lead, b: Lead): number => b.value - a.value;
const byId = (a: Lead, b: Lead): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** A new list without `before` and with `after`, each at its place. */
function replaced(rows: readonly Lead[], before: Lead | null, after: Lead | null, compare: (a: Lead, b: Lead) => number): Lead[] {
  const place = (row: Lead): number => {
    let low = 0;
    let high = next.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(next[middle]!, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const next = rows.slice();
  if (before) next.splice(place(before), 1);
  if (after) next.splice(place(after), 0, after);
  return next;
}

class Cache {
  readonly client = new QueryClient({
    defaultOptions: { queries: { staleTime: Infinity, gcTime: Infinity, structuralSharing: false, enabled: false } },
  });
  private readonly leads = new Map<string, Lead>();
  private readonly observed: { readonly read: () => Rows }[] = [];
  private readonly dirty = new Set<number>();
  private readonly before = new Map<number, { readonly lead: Lead; readonly list: readonly Lead[] }>();
  constructor(private readonly view: View) {}

  load(text: string): void {
    const { leads, users } = parseInitial(text);
    for (const lead of leads) this.leads.set(lead.id, lead);
    const { view } = this;
    if (view.kind === 'owned') {
      const rows = new Map<string, Lead[]>(view.owners.map((owner) => [owner, []]));
      for (const lead of leads) rows.get(lead.ownerId)?.push(lead);
      for (const [owner, list] of rows) {
        this.client.setQueryData(['leads', owner], list.sort(byId));
        this.observe(['leads', owner], (list: Rows) => list);
      }
    } else if (view.kind === 'group') {
      this.client.setQueryData(['groups'], this.groups());
      this.observe(['groups'], (rows: Rows) => rows);
    } else {
      this.client.setQueryData(['leads'], leads.sort(byValue));
      const first = view.kind === 'window' ? view.first : 0;
      const count = view.kind === 'window' ? view.count : view.limit;
      if (view.kind === 'joined') {
        this.client.setQueryData(['users'], Object.fromEntries(users.map((user) => [user.id, user])));
        this.observeJoined(view.limit);
      } else {
        this.observe(['leads'], (rows: Rows) => rows.slice(first, first + count));
      }
    }
  }

  private observe(queryKey: QueryKey, select: (rows: Rows) => Rows): void {
    const observer = new QueryObserver<Rows, Error, Rows>(this.client, { queryKey, select });
    const number = this.observed.push({ read: () => observer.getCurrentResult().data! }) - 1;
    observer.subscribe(() => this.dirty.add(number));
    this.dirty.add(number);
  }
  private observeJoined(limit: number): void {
    const leads = new QueryObserver<Lead[], Error, Lead[]>(this.client, { queryKey: ['leads'], select: (rows) => rows.slice(0, limit) });
    const users = new QueryObserver<Record<string, User>>(this.client, { queryKey: ['users'] });
    const read = (): Rows => {
      const owners = users.getCurrentResult().data!;
      return leads.getCurrentResult().data!.map((lead) => ({ ...lead, owner: owners[lead.ownerId] ?? null }));
    };
    this.observed.push({ read });
    leads.subscribe(() => this.dirty.add(0));
    users.subscribe(() => this.dirty.add(0));
    this.dirty.add(0);
  }

  private groups(): GroupRow[] {
    return STATUSES.map((key) => {
      const members = [...this.leads.values()].filter((lead) => lead.status === key);
      return { key, count: members.length, sum: members.reduce((sum, lead) => sum + lead.value, 0) };
    }).filter((group) => group.count > 0);
  }

  apply(op: Op): void {
    if (op.kind === 'user') {
      this.client.setQueryData<Record<string, User>>(['users'], (users) => ({ ...users, [op.id]: { ...users![op.id]!, ...op.set } }));
      return;
    }
    const before = this.leads.get(op.id)!;
    this.put(before, { ...before, ...op.set });
  }
  private put(before: Lead, after: Lead): void {
    this.leads.set(after.id, after);
    if (this.view.kind === 'group') {
      this.client.setQueryData<GroupRow[]>(['groups'], (rows) => moved(moved(rows!, before, -1), after, 1));
    } else if (this.view.kind !== 'owned') {
      this.client.setQueryData<Lead[]>(['leads'], (rows) => replaced(rows!, before, after, byValue));
    } else if (before.ownerId === after.ownerId) {
      this.client.setQueryData<Lead[]>(['leads', after.ownerId], (rows) => replaced(rows!, before, after, byId));
    } else {
      this.client.setQueryData<Lead[]>(['leads', before.ownerId], (rows) => replaced(rows!, before, null, byId));
      this.client.setQueryData<Lead[]>(['leads', after.ownerId], (rows) => replaced(rows!, null, after, byId));
    }
  }

  change(number: number, op: Op): void {
    const lead = this.leads.get(op.id)!;
    this.before.set(number, { lead, list: this.client.getQueryData<Lead[]>(['leads'])! });
    this.put(lead, { ...lead, ...(op.set as Partial<Lead>) });
  }
  takeBack(number: number): void {
    const { lead, list } = this.before.get(number)!;
    this.before.delete(number);
    this.leads.set(lead.id, lead);
    this.client.setQueryData(['leads'], list);
  }

  take(): readonly Rows[] {
    const changed = Array.from(this.dirty, (number) => this.observed[number]!.read());
    this.dirty.clear();
    return changed;
  }
  result(query: number): Rows {
    const rows = this.observed[query]!.read();
    return this.view.kind === 'group' ? rows.map((row) => plainGroup(row as GroupRow)) : rows.map(plainLead);
  }
}

function moved(rows: readonly GroupRow[], lead: Lead, sign: number): GroupRow[] {
  const known = rows.some((row) => row.key === lead.status);
  const all = known ? rows : [...rows, { key: lead.status, count: 0, sum: 0 }];
  return all
    .map((row) => (row.key === lead.status ? { key: row.key, count: row.count + sign, sum: row.sum + sign * lead.value } : row))
    .filter((row) => row.count > 0)
    .sort((a, b) => STATUSES.indexOf(a.key as never) - STATUSES.indexOf(b.key as never));
}

export const tanstackQuery: Engine = {
  name: 'tanstack-query',
  open(workload: Workload): Promise<Session> {
    let { initial, frames } = encodeJson(workload);
    let { ops } = workload;
    const { optimistic } = workload;
    const cache = new Cache(workload.view);
    return Promise.resolve({
      load: [() => {
        cache.load(initial);
        initial = '';
      }],
      apply: (i) => (optimistic ? cache.change(i, ops[i]!) : cache.apply(parseOp(frames[i]!))),
      reject: (i) => cache.takeBack(i),
      changes: () => cache.take(),
      result: (query) => cache.result(query),
      forget() {
        frames = [];
        ops = [];
      },
      close: () => cache.client.clear(),
    });
  },
};

// What a careful person writes by hand: a Map, sorted arrays with binary search and splice, and for each change only the
// queries that it concerns. Rows are replaced, never altered, so that a screen can skip those that stayed.
import { encodeJson, parseInitial, parseOp } from '../json_wire.ts';
import { plainGroup, plainLead } from '../oracle.ts';
import type { Engine, GroupRow, Lead, Op, Rows, Session, User, View, Workload } from '../types.ts';
import { STATUSES } from '../types.ts';

/** A query that is kept up to date. */
interface Live {
  fill(leads: readonly Lead[], users: ReadonlyMap<string, User>): void;
  changed(before: Lead, after: Lead): void;
  userChanged?(user: User): void;
  take(): readonly Rows[];
  result(query: number): Rows;
}

const byValue = (a: Lead, b: Lead): number => b.value - a.value;
const byId = (a: Lead, b: Lead): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

function position(rows: readonly Lead[], row: Lead, compare: (a: Lead, b: Lead) => number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(rows[middle]!, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows by value; the screen shows `count` of them from `first` on. */
class Sorted implements Live {
  protected rows: Lead[] = [];
  protected dirty = false;
  protected shown: Rows = [];
  constructor(protected readonly first: number, protected readonly count: number) {}

  fill(leads: readonly Lead[], _users: ReadonlyMap<string, User>): void {
    this.rows = leads.slice().sort(byValue);
    this.dirty = true;
  }
  changed(before: Lead, after: Lead): void {
    const from = position(this.rows, before, byValue);
    let to = from;
    if (before.value === after.value) {
      this.rows[from] = after;
    } else {
      this.rows.splice(from, 1);
      to = position(this.rows, after, byValue);
      this.rows.splice(to, 0, after);
    }
    if (Math.min(from, to) < this.first + this.count && Math.max(from, to) >= this.first) this.dirty = true;
  }
  protected show(): Rows {
    return this.rows.slice(this.first, this.first + this.count);
  }
  take(): readonly Rows[] {
    if (!this.dirty) return [];
    this.dirty = false;
    this.shown = this.show();
    return [this.shown];
  }
  result(): Rows {
    return this.shown.map(plainLead);
  }
}

interface Joined extends Lead {
  readonly owner: User | null;
}

class JoinedSorted extends Sorted {
  private users: ReadonlyMap<string, User> = new Map();
  private joined = new Map<string, { lead: Lead; owner: User | null; row: Joined }>();

  override fill(leads: readonly Lead[], users: ReadonlyMap<string, User>): void {
    this.users = users;
    super.fill(leads, users);
  }
  userChanged(user: User): void {
    for (const { lead } of this.joined.values()) if (lead.ownerId === user.id) this.dirty = true;
  }
  protected override show(): Rows {
    const before = this.joined;
    this.joined = new Map();
    const shown: Joined[] = [];
    const end = Math.min(this.first + this.count, this.rows.length);
    for (let i = this.first; i < end; i++) {
      const lead = this.rows[i]!;
      const owner = this.users.get(lead.ownerId) ?? null;
      let entry = before.get(lead.id);
      if (!entry || entry.lead !== lead || entry.owner !== owner) entry = { lead, owner, row: { ...lead, owner } };
      this.joined.set(lead.id, entry);
      shown.push(entry.row);
    }
    return shown;
  }
}

/** One query per owner, found by the owner's id. */
class Owned implements Live {
  private readonly queries = new Map<string, { rows: readonly Lead[] }>();
  private readonly dirty = new Set<{ rows: readonly Lead[] }>();
  constructor(private readonly owners: readonly string[]) {
    for (const owner of owners) this.queries.set(owner, { rows: [] });
  }
  fill(leads: readonly Lead[]): void {
    const rows = new Map<string, Lead[]>(this.owners.map((owner) => [owner, []]));
    for (const lead of leads) rows.get(lead.ownerId)?.push(lead);
    for (const [owner, query] of this.queries) {
      query.rows = rows.get(owner)!.sort(byId);
      this.dirty.add(query);
    }
  }
  changed(before: Lead, after: Lead): void {
    const from = this.queries.get(before.ownerId);
    const to = this.queries.get(after.ownerId);
    if (from) {
      const rows = from.rows.slice();
      const at = position(rows, before, byId);
      if (from === to) rows[at] = after;
      else rows.splice(at, 1);
      from.rows = rows;
      this.dirty.add(from);
    }
    if (to && to !== from) {
      const rows = to.rows.slice();
      rows.splice(position(rows, after, byId), 0, after);
      to.rows = rows;
      this.dirty.add(to);
    }
  }
  take(): readonly Rows[] {
    const changed = Array.from(this.dirty, (query) => query.rows);
    this.dirty.clear();
    return changed;
  }
  result(query: number): Rows {
    return this.queries.get(this.owners[query]!)!.rows.map(plainLead);
  }
}

class Grouped implements Live {
  private readonly groups = new Map<string, GroupRow>();
  private dirty = false;

  fill(leads: readonly Lead[]): void {
    for (const lead of leads) this.add(lead, 1);
  }
  private add(lead: Lead, sign: number): void {
    const group = this.groups.get(lead.status) ?? { key: lead.status, count: 0, sum: 0 };
    this.groups.set(lead.status, { key: lead.status, count: group.count + sign, sum: group.sum + sign * lead.value });
    this.dirty = true;
  }
  changed(before: Lead, after: Lead): void {
    if (before.status === after.status && before.value === after.value) return;
    this.add(before, -1);
    this.add(after, 1);
  }
  private rows(): GroupRow[] {
    const rows: GroupRow[] = [];
    for (const status of STATUSES) {
      const group = this.groups.get(status);
      if (group && group.count > 0) rows.push(group);
    }
    return rows;
  }
  take(): readonly Rows[] {
    if (!this.dirty) return [];
    this.dirty = false;
    return [this.rows()];
  }
  result(): Rows {
    return this.rows().map(plainGroup);
  }
}

function liveOf(view: View): Live {
  switch (view.kind) {
    case 'top':
      return new Sorted(0, view.limit);
    case 'window':
      return new Sorted(view.first, view.count);
    case 'joined':
      return new JoinedSorted(0, view.limit);
    case 'owned':
      return new Owned(view.owners);
    case 'group':
      return new Grouped();
  }
}

/** Pending changes of one lead, over the lead as the server said. */
interface Overlay {
  readonly base: Lead;
  readonly pending: { readonly number: number; readonly set: Partial<Lead> }[];
}

class Store {
  private readonly leads = new Map<string, Lead>();
  private readonly users = new Map<string, User>();
  private readonly overlays = new Map<string, Overlay>();
  constructor(private readonly live: Live) {}

  load(text: string): void {
    const { leads, users } = parseInitial(text);
    for (const lead of leads) this.leads.set(lead.id, lead);
    for (const user of users) this.users.set(user.id, user);
    this.live.fill(leads, this.users);
  }
  private put(before: Lead, after: Lead): void {
    this.leads.set(after.id, after);
    this.live.changed(before, after);
  }
  apply(op: Op): void {
    if (op.kind === 'user') {
      const user = { ...this.users.get(op.id)!, ...op.set };
      this.users.set(op.id, user);
      this.live.userChanged?.(user);
      return;
    }
    const before = this.leads.get(op.id)!;
    this.put(before, { ...before, ...op.set });
  }
  change(number: number, op: Op): void {
    const set = op.set as Partial<Lead>;
    const before = this.leads.get(op.id)!;
    const overlay = this.overlays.get(op.id) ?? { base: before, pending: [] };
    overlay.pending.push({ number, set });
    this.overlays.set(op.id, overlay);
    this.put(before, { ...before, ...set });
  }
  takeBack(number: number, op: Op): void {
    const overlay = this.overlays.get(op.id)!;
    const at = overlay.pending.findIndex((pending) => pending.number === number);
    overlay.pending.splice(at, 1);
    if (overlay.pending.length === 0) this.overlays.delete(op.id);
    const after = overlay.pending.reduce<Lead>((row, { set }) => ({ ...row, ...set }), overlay.base);
    this.put(this.leads.get(op.id)!, after);
  }
}

export const jsIncremental: Engine = {
  name: 'js-incremental',
  open(workload: Workload): Promise<Session> {
    let { initial, frames } = encodeJson(workload);
    let { ops } = workload;
    const { optimistic } = workload;
    const live = liveOf(workload.view);
    const store = new Store(live);
    return Promise.resolve({
      load: [() => {
        store.load(initial);
        initial = '';
      }],
      apply: (i) => (optimistic ? store.change(i, ops[i]!) : store.apply(parseOp(frames[i]!))),
      reject: (i) => store.takeBack(i, ops[i]!),
      changes: () => live.take(),
      result: (query) => live.result(query),
      forget() {
        frames = [];
        ops = [];
      },
      close: () => undefined,
    });
  },
};

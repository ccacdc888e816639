// Which segments the server would send: it keeps a window of each limited query (its limit and a look-ahead), tells each query
// only of its own rows, and sends aggregates as groups (docs: PROTOCOL.md, "The exchange").
import { collectionOf, type Group, Packer, poke, type Segment } from './frames.ts';
import type { Lead, Op, User, Workload } from './types.ts';
import { STATUSES } from './types.ts';

/** authority::Options::look_ahead_rows */
const LOOK_AHEAD = 25;
const LEADS = collectionOf('leads');
const USERS = collectionOf('users');

/** The numbers under which the browser subscribed. */
export interface Subscriptions {
  /** Of the view: one, or one per owner. */
  readonly view: readonly number[];
  /** Of all leads and of all users, where they are held as a whole; else 0. */
  readonly leads: number;
  readonly users: number;
}

export class ServerModel {
  private readonly packLead = new Packer(LEADS);
  private readonly packUser = new Packer(USERS);
  private readonly leads = new Map<string, Lead>();
  private readonly users = new Map<string, User>();
  private readonly byValue: { id: string; value: number }[];
  private readonly groups = new Map<string, { count: number; sum: number }>();
  private readonly ownerNumbers = new Map<string, number>();
  private version = 1;

  constructor(private readonly workload: Workload, private readonly subscriptions: Subscriptions) {
    for (const lead of workload.leads) {
      this.leads.set(lead.id, lead);
      this.count(lead, 1);
    }
    for (const user of workload.users) this.users.set(user.id, user);
    this.byValue = workload.leads.map(({ id, value }) => ({ id, value })).sort((a, b) => b.value - a.value);
    if (workload.view.kind === 'owned') workload.view.owners.forEach((owner, i) => this.ownerNumbers.set(owner, subscriptions.view[i]!));
  }

  private count(lead: Lead, sign: number): void {
    const group = this.groups.get(lead.status) ?? { count: 0, sum: 0 };
    this.groups.set(lead.status, { count: group.count + sign, sum: group.sum + sign * lead.value });
  }
  private group(status: string): Group {
    return { key: STATUSES.indexOf(status as never), ...this.groups.get(status)! };
  }
  private lead(id: string): Uint8Array {
    return this.packLead.pack(this.leads.get(id) as never, this.version);
  }
  private user(id: string): Uint8Array {
    return this.packUser.pack({ role: 'agent', canLogIn: true, ...this.users.get(id)! }, this.version);
  }
  private get windowSize(): number {
    const { view } = this.workload;
    return view.kind === 'top' || view.kind === 'joined' ? view.limit + LOOK_AHEAD : 0;
  }
  private segment(query: number, parts: Partial<Segment>): Segment {
    return { query, snapshot: false, puts: [], removals: [], groups: [], ...parts };
  }

  /** The answers to the subscriptions: the view's first, as it was asked for first. */
  initial(): Uint8Array[] {
    const { view } = this.workload;
    const segments: Segment[] = [];
    if (view.kind === 'owned') {
      const rows = new Map<string, Uint8Array[]>(view.owners.map((owner) => [owner, []]));
      for (const lead of this.leads.values()) rows.get(lead.ownerId)?.push(this.lead(lead.id));
      view.owners.forEach((owner) => segments.push(this.segment(this.ownerNumbers.get(owner)!, { snapshot: true, puts: rows.get(owner)! })));
      return [poke(this.version, LEADS.id, segments)];
    }
    const query = this.subscriptions.view[0]!;
    const all = Array.from(this.leads.keys(), (id) => this.lead(id));
    const frames: Uint8Array[] = [];
    if (view.kind === 'group') {
      const groups = Array.from(this.groups.keys(), (status) => this.group(status));
      frames.push(poke(this.version, LEADS.id, [this.segment(query, { snapshot: true, groups })]));
    } else if (view.kind !== 'window') {
      frames.push(poke(this.version, LEADS.id, [this.segment(query, { snapshot: true, puts: this.window() })]));
    } else {
      return [poke(this.version, LEADS.id, [this.segment(query, { snapshot: true, puts: all })])];
    }
    if (this.subscriptions.users > 0) {
      const puts = Array.from(this.users.keys(), (id) => this.user(id));
      frames.push(poke(this.version, USERS.id, [this.segment(this.subscriptions.users, { snapshot: true, puts })]));
    }
    frames.push(poke(this.version, LEADS.id, [this.segment(this.subscriptions.leads, { snapshot: true, puts: all })]));
    return frames;
  }
  /** The rows of the server's window, with those they refer to. */
  private window(): Uint8Array[] {
    const ids = this.byValue.slice(0, this.windowSize).map(({ id }) => id);
    const puts = ids.map((id) => this.lead(id));
    if (this.workload.view.kind !== 'joined') return puts;
    const owners = new Set(ids.map((id) => this.leads.get(id)!.ownerId));
    return [...puts, ...Array.from(owners, (id) => this.user(id))];
  }

  frame(op: Op): Uint8Array {
    this.version++;
    return op.kind === 'user' ? this.userFrame(op.id, op.set) : this.leadFrame(op.id, op.set);
  }

  private userFrame(id: string, set: Partial<User>): Uint8Array {
    this.users.set(id, { ...this.users.get(id)!, ...set });
    const put = this.user(id);
    const segments = [this.segment(this.subscriptions.users, { puts: [put] })];
    const shown = this.byValue.slice(0, this.windowSize).some((row) => this.leads.get(row.id)!.ownerId === id);
    if (shown) segments.push(this.segment(this.subscriptions.view[0]!, { puts: [put] }));
    return poke(this.version, LEADS.id, segments);
  }

  private leadFrame(id: string, set: Partial<Lead>): Uint8Array {
    const before = this.leads.get(id)!;
    const after = { ...before, ...set };
    const { view } = this.workload;
    this.leads.set(id, after);
    const put = this.lead(id);
    if (view.kind === 'owned') {
      const segments = [this.segment(this.ownerNumbers.get(after.ownerId)!, { puts: [put] })];
      const left = this.ownerNumbers.get(before.ownerId)!;
      if (before.ownerId !== after.ownerId) segments.push(this.segment(left, { removals: [id] }));
      return poke(this.version, LEADS.id, segments.sort((a, b) => a.query - b.query));
    }
    if (view.kind === 'window') return poke(this.version, LEADS.id, [this.segment(this.subscriptions.view[0]!, { puts: [put] })]);
    const segments = [this.segment(this.subscriptions.leads, { puts: [put] })];
    if (view.kind === 'group') {
      this.count(before, -1);
      this.count(after, 1);
      const moved = before.status !== after.status || before.value !== after.value;
      const statuses = before.status === after.status ? [after.status] : [before.status, after.status];
      if (moved) segments.push(this.segment(this.subscriptions.view[0]!, { groups: statuses.map((status) => this.group(status)) }));
      return poke(this.version, LEADS.id, segments);
    }
    const moved = this.moveInWindow(before, after, put);
    return poke(this.version, LEADS.id, moved ? [...segments, moved] : segments);
  }

  /** What the change of one lead does to the server's window, or null. */
  private moveInWindow(before: Lead, after: Lead, put: Uint8Array): Segment | null {
    const size = this.windowSize;
    const from = this.position(before.value);
    let to = from;
    if (before.value !== after.value) {
      this.byValue.splice(from, 1);
      to = this.position(after.value);
      this.byValue.splice(to, 0, { id: after.id, value: after.value });
    }
    if (from >= size && to >= size) return null;
    const joined = this.workload.view.kind === 'joined';
    const entering = (id: string): Uint8Array[] => {
      const row = id === after.id ? put : this.lead(id);
      return joined ? [row, this.user(this.leads.get(id)!.ownerId)] : [row];
    };
    const query = this.subscriptions.view[0]!;
    if (from < size && to < size) return this.segment(query, { puts: [put] });
    if (to < size) return this.segment(query, { puts: entering(after.id), removals: [this.byValue[size]?.id ?? ''].filter((id) => id !== '') });
    return this.segment(query, { puts: this.byValue[size - 1] ? entering(this.byValue[size - 1]!.id) : [], removals: [after.id] });
  }
  private position(value: number): number {
    let low = 0;
    let high = this.byValue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.byValue[middle]!.value > value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

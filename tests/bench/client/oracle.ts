// What every engine must show: computed from all rows each time, sharing no code with any engine.
import { type GroupRow, type Lead, type Op, type Rows, STATUSES, type User, type Workload } from './types.ts';

const FIELDS = [
  'id', 'name', 'email', 'phone', 'companyName', 'jobTitle', 'sourceId', 'status', 'score', 'value', 'ownerId', 'createdAt', 'updatedAt',
] as const;

/** The fields that all engines know, in one order, so that equal results are equal texts. */
export function plainLead(row: object): Record<string, unknown> {
  const lead = row as Record<string, unknown>;
  const plain: Record<string, unknown> = {};
  for (const field of FIELDS) plain[field] = lead[field];
  const owner = lead['owner'] as User | null | undefined;
  if (owner !== undefined) plain['owner'] = owner === null ? null : { id: owner.id, email: owner.email, name: owner.name };
  return plain;
}
export function plainGroup(row: GroupRow): GroupRow {
  return { key: row.key, count: row.count, sum: row.sum };
}

export class Oracle {
  private readonly leads = new Map<string, Lead>();
  private readonly users = new Map<string, User>();
  constructor(private readonly workload: Workload) {
    for (const lead of workload.leads) this.leads.set(lead.id, lead);
    for (const user of workload.users) this.users.set(user.id, user);
  }

  /** Returns how to take it back. */
  apply(op: Op): () => void {
    if (op.kind === 'user') {
      const before = this.users.get(op.id)!;
      this.users.set(op.id, { ...before, ...op.set });
      return () => void this.users.set(op.id, before);
    }
    const before = this.leads.get(op.id)!;
    this.leads.set(op.id, { ...before, ...op.set });
    return () => void this.leads.set(op.id, before);
  }

  get queries(): number {
    return this.workload.view.kind === 'owned' ? this.workload.view.owners.length : 1;
  }

  /** The queries whose results this change may alter (as it is before or after it), and one other. */
  concerned(op: Op, i: number): number[] {
    const { view } = this.workload;
    if (view.kind !== 'owned') return [0];
    const owners = [this.leads.get(op.id)?.ownerId, (op.set as Partial<Lead>).ownerId];
    const numbers = owners.map((owner) => view.owners.indexOf(owner ?? '')).filter((number) => number >= 0);
    return [...new Set([...numbers, i % view.owners.length])];
  }

  expected(query: number): Rows {
    const { view } = this.workload;
    switch (view.kind) {
      case 'top':
        return this.highest(0, view.limit).map(plainLead);
      case 'window':
        return this.highest(view.first, view.count).map(plainLead);
      case 'joined':
        return this.highest(0, view.limit).map((lead) => plainLead({ ...lead, owner: this.users.get(lead.ownerId) ?? null }));
      case 'owned': {
        const own = [...this.leads.values()].filter((lead) => lead.ownerId === view.owners[query]);
        return own.sort((a, b) => (a.id < b.id ? -1 : 1)).map(plainLead);
      }
      case 'group':
        return this.groups();
    }
  }

  private highest(first: number, count: number): Lead[] {
    const values = Float64Array.from(this.leads.values(), (lead) => -lead.value).sort();
    const high = -values[Math.min(first, values.length - 1)]!;
    const low = -values[Math.min(first + count, values.length) - 1]!;
    const found = [...this.leads.values()].filter((lead) => lead.value <= high && lead.value >= low);
    return found.sort((a, b) => b.value - a.value);
  }

  private groups(): GroupRow[] {
    return STATUSES.map((key) => {
      const members = [...this.leads.values()].filter((lead) => lead.status === key);
      return { key, count: members.length, sum: members.reduce((sum, lead) => sum + lead.value, 0) };
    }).filter((group) => group.count > 0);
  }
}

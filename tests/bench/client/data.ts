// Leads, users and changes by a seed: the same on every machine and for every engine.
import { type Lead, type Op, STATUSES, type User } from './types.ts';

export class Random {
  constructor(private state: number) {}
  /** 0 ≤ number < 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  /** A UUID (version 7 in form). */
  id(): string {
    const hex = (digits: number): string => this.below(16 ** digits).toString(16).padStart(digits, '0');
    return `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
  }
}

const FIRST = ['Ada', 'Björn', 'Carla', 'Dmitri', 'Elena', 'Farid', 'Greta', 'Hiro', 'Ines', 'Jonas', 'Katharina', 'Liam'];
const LAST = ['Abel', 'Brandt', 'Castillo', 'Dubois', 'Eriksen', 'Fischer', 'Gupta', 'Hoffmann', 'Ivanova', 'Jensen', 'Keller'];
const JOBS = ['Buyer', 'Head of Purchasing', 'Managing Director', 'Plant Manager', 'IT Architect', 'Assistant'];
const FIRMS = ['Nordlicht', 'Alpenwerk', 'Hansa', 'Blue River', 'Quarz', 'Kontor', 'Solaris'];
const KINDS = ['GmbH', 'AG', 'Ltd', 'SARL', 'Inc'];
const START = Date.UTC(2026, 0, 1);
const VALUE_MAX = 1_000_000_000;

/** Values that no other lead has or had. */
class Values {
  private readonly taken = new Set<number>();
  constructor(private readonly random: Random) {}
  between(low: number, high: number): number {
    for (let tries = 0; ; tries++) {
      // A range that is nearly used up is widened rather than searched for ever.
      const value = low + this.random.below(Math.max(1, high - low) + tries);
      if (this.taken.has(value)) continue;
      this.taken.add(value);
      return value;
    }
  }
  any(): number {
    return this.between(0, VALUE_MAX);
  }
}

export interface World {
  readonly random: Random;
  readonly values: Values;
  readonly leads: Lead[];
  readonly users: User[];
}

export function makeWorld(rows: number, userCount: number, seed: number): World {
  const random = new Random(seed);
  const values = new Values(random);
  const users = Array.from({ length: userCount }, (_, i): User => {
    const name = `${random.of(FIRST)} ${random.of(LAST)} ${i}`;
    return { id: random.id(), email: `user${i}@example.com`, name };
  });
  const sources = Array.from({ length: 10 }, () => random.id());
  const leads = Array.from({ length: rows }, (_, i): Lead => {
    const first = random.of(FIRST);
    const last = random.of(LAST);
    const createdAt = START + random.below(300 * 86_400) * 1000;
    return {
      id: random.id(),
      name: `${first} ${last}`,
      email: `${last.toLowerCase()}.${i}@example.com`,
      phone: `+49 30 ${1_000_000 + random.below(9_000_000)}`,
      companyName: `${random.of(FIRMS)} ${random.of(KINDS)} ${random.below(5000)}`,
      jobTitle: random.of(JOBS),
      sourceId: random.of(sources),
      status: random.of(STATUSES),
      score: random.below(101),
      value: values.any(),
      // The first users are sure to own something, so that every query of `owned` has rows.
      ownerId: users[i < userCount ? i : random.below(userCount)]!.id,
      createdAt,
      updatedAt: createdAt,
    };
  });
  return { random, values, leads, users };
}

/** The leads with the highest values, as they are while changes are made. */
export class Leaders {
  private readonly sorted: { id: string; value: number }[];
  private readonly of = new Map<string, number>();
  constructor(leads: readonly Lead[], readonly count: number) {
    this.sorted = leads.map(({ id, value }) => ({ id, value })).sort((a, b) => b.value - a.value);
    for (const { id, value } of leads) this.of.set(id, value);
  }
  get(at: number): { readonly id: string; readonly value: number } {
    return this.sorted[Math.min(at, this.sorted.length - 1)]!;
  }
  get size(): number {
    return Math.min(this.count, this.sorted.length);
  }
  set(id: string, value: number): void {
    this.sorted.splice(this.position(this.of.get(id)!), 1);
    this.sorted.splice(this.position(value), 0, { id, value });
    this.of.set(id, value);
  }
  private position(value: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]!.value > value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A lead's set of changes with the time stamp that every change brings. */
export function leadOp(i: number, id: string, set: Partial<Lead>): Op {
  return { kind: 'lead', id, set: { ...set, updatedAt: START + 400 * 86_400_000 + i * 1000 } };
}

/**
 * Changes of a sorted list: a fifth meets the 100 leads at the top, the rest any lead; every second change is of the value (by
 * which the list is sorted), the others are of a phone number or a score.
 */
export function sortedListOps(world: World, count: number): Op[] {
  const { random, values, leads } = world;
  const leaders = new Leaders(leads, 100);
  return Array.from({ length: count }, (_, i): Op => {
    const hot = random.next() < 0.2;
    const id = hot ? leaders.get(random.below(leaders.size)).id : random.of(leads).id;
    if (random.next() < 0.5) {
      return leadOp(i, id, random.next() < 0.5 ? { score: random.below(101) } : { phone: `+49 40 ${1_000_000 + random.below(9_000_000)}` });
    }
    // Half of those at the top move within it, so that it stays the place where things happen.
    const within = hot && random.next() < 0.5;
    const value = within ? values.between(leaders.get(leaders.size).value, leaders.get(0).value) : values.any();
    leaders.set(id, value);
    return leadOp(i, id, { value });
  });
}

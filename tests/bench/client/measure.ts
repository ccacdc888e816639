// One engine on one case in one process: checked against the oracle first, then measured.
import type { Machine } from './machine.ts';
import { Oracle } from './oracle.ts';
import type { Case, Engine, Rows, Sample, Session, Workload } from './types.ts';

export interface Limits {
  readonly rows: number;
  readonly ops: number;
  readonly seed: number;
  /** Changes after which the result is compared with the oracle, before anything is timed. */
  readonly checks: number;
  /** A slow engine stops here. */
  readonly seconds: number;
  /** ops_per_s by the time that the process had a processor: for a machine that is busy with other things. */
  readonly cpu: boolean;
}

/** Share of the ops that only warm the engine up. */
const WARM_UP = 0.2;
const OPS_MIN = 3;

/** Reads the changed results as a screen would: two fields of each row. Returns something that depends on all of them. */
export function consume(changed: readonly Rows[]): number {
  let seen = 0;
  for (const rows of changed) {
    for (const row of rows as readonly { id?: string; value?: number; count?: number; sum?: number }[]) {
      seen += row.id === undefined ? row.count! + row.sum! : row.id.length + row.value!;
    }
  }
  return seen;
}

/** The time stamp of the user's own change is the engine's to choose. */
function comparable(rows: Rows, optimistic: boolean): Rows {
  return optimistic ? rows.map((row) => ({ ...row, updatedAt: 0 })) : rows;
}

/** Rows in the form of the oracle, whose fields are in one order: equal rows are equal texts. */
export function assertSame(got: Rows, expected: Rows, where: string): void {
  for (let i = 0; i < Math.max(got.length, expected.length); i++) {
    const [mine, right] = [JSON.stringify(got[i]), JSON.stringify(expected[i])];
    if (mine !== right) throw new Error(`${where}: row ${i} is ${mine}, and should be ${right}`);
  }
}

class Checker {
  private readonly oracle: Oracle;
  constructor(private readonly session: Session, private readonly workload: Workload, private readonly engine: string) {
    this.oracle = new Oracle(workload);
  }
  check(queries: readonly number[], when: string): void {
    const { optimistic } = this.workload;
    for (const query of queries) {
      const got = comparable(this.session.result(query), optimistic);
      assertSame(got, comparable(this.oracle.expected(query), optimistic), `${this.engine}, query ${query}, ${when}`);
    }
  }
  all(when: string): void {
    const step = Math.max(1, Math.floor(this.oracle.queries / 50));
    this.check(Array.from({ length: Math.ceil(this.oracle.queries / step) }, (_, i) => i * step), when);
  }
  async step(i: number): Promise<void> {
    const op = this.workload.ops[i]!;
    const concerned = this.oracle.concerned(op, i);
    const takeBack = this.oracle.apply(op);
    await this.session.apply(i);
    consume(this.session.changes());
    this.check(concerned, `after change ${i} (${JSON.stringify(op)})`);
    if (!this.workload.optimistic) return;
    takeBack();
    await this.session.reject(i);
    consume(this.session.changes());
    this.check(concerned, `after change ${i} was rejected`);
  }
  /** Changes that were measured, not checked one by one. */
  follow(from: number, to: number): void {
    if (this.workload.optimistic) return;
    for (let i = from; i < to; i++) this.oracle.apply(this.workload.ops[i]!);
  }
}

let sink = 0;

/** Runs ops from `from` on, at most until `deadline`; returns where it stopped. */
async function run(session: Session, workload: Workload, from: number, to: number, deadline: number, times: number[]): Promise<number> {
  const { optimistic } = workload;
  for (let i = from; i < to; i++) {
    const started = performance.now();
    const applied = session.apply(i);
    if (applied) await applied;
    sink += consume(session.changes());
    if (optimistic) {
      const rejected = session.reject(i);
      if (rejected) await rejected;
      sink += consume(session.changes());
    }
    const ended = performance.now();
    times.push((ended - started) * 1000);
    if (ended > deadline && times.length >= OPS_MIN) return i + 1;
  }
  return to;
}

export function percentile(times: readonly number[], share: number): number {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** Lets timers and queued messages run, so that what they hold is let go. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** How long the load took until the first rows showed, and until it was done, in µs. */
function load(session: Session, machine: Machine): { first: number; all: number; cpu: number } {
  const cpu = machine.cpuTime();
  const started = performance.now();
  let first = -1;
  for (const step of session.load) {
    step();
    const changed = session.changes();
    sink += consume(changed);
    if (first < 0 && changed.some((rows) => rows.length > 0)) first = performance.now() - started;
  }
  return { first: first * 1000, all: (performance.now() - started) * 1000, cpu: machine.cpuTime() - cpu };
}

export async function measure(test: Case, engine: Engine, limits: Limits, machine: Machine): Promise<Sample> {
  const before = await machine.heapBytes();
  let workload: Workload | null = test.make({ rows: limits.rows, ops: limits.ops, seed: limits.seed });
  const { rows } = limits;
  const session = await engine.open(workload);
  machine.collectGarbage();
  const loaded = load(session, machine);
  let checker: Checker | null = new Checker(session, workload, engine.name);
  checker.all('after the load');
  const checks = Math.min(limits.checks, workload.ops.length);
  for (let i = 0; i < checks; i++) await checker.step(i);
  const times: number[] = [];
  let cpu = loaded.cpu;
  if (test.measures === 'ops' || test.measures === 'memory') {
    const warm = Math.min(workload.ops.length, checks + Math.ceil((workload.ops.length - checks) * WARM_UP));
    const budget = limits.seconds * 1000;
    const reached = await run(session, workload, checks, warm, performance.now() + budget * WARM_UP, []);
    machine.collectGarbage();
    cpu = machine.cpuTime();
    const done = await run(session, workload, reached, workload.ops.length, performance.now() + budget, times);
    cpu = machine.cpuTime() - cpu;
    await pause();
    checker.follow(checks, done);
    checker.all(`after ${done} changes`);
  }
  checker = null;
  workload = null;
  session.forget();
  await pause();
  const bytes = Math.max(0, (await machine.heapBytes()) - before);
  session.close();
  const spent = test.measures === 'load' ? [loaded.all] : test.measures === 'first' ? [loaded.first] : times;
  const sum = limits.cpu ? cpu : spent.reduce((total, time) => total + time, 0);
  const counted = test.measures === 'load' || test.measures === 'first' ? rows : times.length;
  return { p50_us: percentile(spent, 0.5), p99_us: percentile(spent, 0.99), ops_per_s: counted / (sum / 1e6), bytes };
}

/** Keeps what was read from being optimised away. */
export const readSoFar = (): number => sink;

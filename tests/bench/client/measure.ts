// One engine on one case in one process: checked against the oracle first, then measured.
import assert from 'node:assert/strict';
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
function consume(changed: readonly Rows[]): number {
  let seen = 0;
  for (const rows of changed) {
    for (const row of rows as readonly { id?: string; value?: number; count?: number; sum?: number }[]) {
      seen += row.id === undefined ? row.count! + row.sum! : row.id.length + row.value!;
    }
  }
  return seen;
}

/** The time stamp of the user's own change is the engine's to choose. */
function comparable(rows: Rows, optimistic: boolean): unknown {
  return optimistic ? rows.map((row) => ({ ...row, updatedAt: 0 })) : rows;
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
      assert.deepEqual(got, comparable(this.oracle.expected(query), optimistic), `${this.engine}, query ${query}, ${when}`);
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

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) gc?.();
}
/** WebAssembly pages are part of what is external. */
function heapBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
/** In µs, as performance.now() is in ms; of all threads of the process. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
/** Lets timers and queued messages run, so that what they hold is let go. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** How long the load took until the first rows showed, and until it was done, in µs. */
function load(session: Session): { first: number; all: number; cpu: number } {
  const cpu = cpuTime();
  const started = performance.now();
  let first = -1;
  for (const step of session.load) {
    step();
    const changed = session.changes();
    sink += consume(changed);
    if (first < 0 && changed.some((rows) => rows.length > 0)) first = performance.now() - started;
  }
  return { first: first * 1000, all: (performance.now() - started) * 1000, cpu: cpuTime() - cpu };
}

export async function measure(test: Case, engine: Engine, limits: Limits): Promise<Sample> {
  const before = heapBytes();
  let workload: Workload | null = test.make({ rows: limits.rows, ops: limits.ops, seed: limits.seed });
  const { rows } = limits;
  const session = await engine.open(workload);
  collectGarbage();
  const loaded = load(session);
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
    collectGarbage();
    cpu = cpuTime();
    const done = await run(session, workload, reached, workload.ops.length, performance.now() + budget, times);
    cpu = cpuTime() - cpu;
    await pause();
    checker.follow(checks, done);
    checker.all(`after ${done} changes`);
  }
  checker = null;
  workload = null;
  session.forget();
  await pause();
  const bytes = Math.max(0, heapBytes() - before);
  session.close();
  const spent = test.measures === 'load' ? [loaded.all] : test.measures === 'first' ? [loaded.first] : times;
  const sum = limits.cpu ? cpu : spent.reduce((total, time) => total + time, 0);
  const counted = test.measures === 'load' || test.measures === 'first' ? rows : times.length;
  return { p50_us: percentile(spent, 0.5), p99_us: percentile(spent, 0.99), ops_per_s: counted / (sum / 1e6), bytes };
}

/** Keeps what was read from being optimised away. */
export const readSoFar = (): number => sink;

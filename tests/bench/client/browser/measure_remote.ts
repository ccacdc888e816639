// One engine on one case, its changes coming over a WebSocket. Frames are sent in bursts, as fast as the socket takes them; a
// burst is over when the screen shows its last visible change. So ops_per_s says what a page can follow (what is coalesced on
// the way counts as followed), and p50 and p99 say how long a single change takes from the server's hand to the page's.
import { jsIncremental } from '../engines/js_incremental.ts';
import { assertSame, consume, type Limits, percentile } from '../measure.ts';
import type { Case, Rows, Sample, Session, Workload } from '../types.ts';
import type { Remote } from './remote.ts';

const BURST_MAX = 500;
/** Changes that are sent one by one, at most. */
const SINGLE_MAX = 60;
const STUCK_MS = 20_000;

/** What the screen must show, by the hand-written engine, in this page and without a wire. */
class Expectation {
  private constructor(private readonly session: Session, private readonly workload: Workload) {}
  static async of(workload: Workload): Promise<Expectation> {
    const session = await jsIncremental.open(workload);
    for (const step of session.load) step();
    session.changes();
    return new Expectation(session, workload);
  }
  /** Does change `i` show? */
  apply(i: number): boolean {
    void this.session.apply(i);
    return this.session.changes().length > 0;
  }
  /** The query whose result tells that change `i` has come. */
  queryOf(i: number): number {
    const { view, ops } = this.workload;
    const owner = (ops[i]!.set as { ownerId?: string }).ownerId;
    if (view.kind !== 'owned') return 0;
    if (owner) return view.owners.indexOf(owner);
    for (let query = 0; query < view.owners.length; query++) {
      if (this.session.result(query).some((row) => (row as { id: string }).id === ops[i]!.id)) return query;
    }
    return 0;
  }
  rows(query: number): Rows {
    return this.session.result(query);
  }
}

function until(remote: Remote, reached: () => boolean, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stuck = setTimeout(() => reject(new Error(`${what} never showed`)), STUCK_MS);
    const look = (): void => {
      if (!reached()) return;
      clearTimeout(stuck);
      remote.changed = () => undefined;
      resolve();
    };
    remote.changed = look;
    look();
  });
}

let sink = 0;
const take = (remote: Remote): void => void (sink += consume(remote.changes()));

async function load(test: Case, remote: Remote, expectation: Expectation): Promise<Sample> {
  const { view, leads } = remote.workload;
  const whole = view.kind === 'owned' ? leads.length : expectation.rows(0).length;
  const enough = test.measures === 'first' ? Math.min(50, whole) : whole;
  const started = performance.now();
  remote.load();
  await until(remote, () => (take(remote), remote.total() >= enough), 'the first rows');
  const us = (performance.now() - started) * 1000;
  return { p50_us: us, p99_us: us, ops_per_s: leads.length / (us / 1e6), bytes: 0 };
}

/** Sends changes from `from` on, the last of them a visible one, and waits for it. Returns how many, and the µs it took. */
async function burst(remote: Remote, expectation: Expectation, from: number, most: number): Promise<{ sent: number; us: number }> {
  const end = Math.min(remote.workload.ops.length, from + most);
  let last = -1;
  let to = from;
  while (to < end || (last < 0 && to < remote.workload.ops.length)) {
    if (expectation.apply(to)) last = to;
    to++;
    if (most === 1 && last >= 0) break;
  }
  if (last < 0) return { sent: to - from, us: 0 };
  const query = expectation.queryOf(last);
  const right = JSON.stringify(expectation.rows(query));
  const started = performance.now();
  remote.apply(from, to);
  await until(remote, () => (take(remote), JSON.stringify(remote.result(query)) === right), `change ${last}`);
  return { sent: to - from, us: (performance.now() - started) * 1000 };
}

async function serverChanges(remote: Remote, expectation: Expectation, seconds: number): Promise<Sample> {
  const size = Math.min(BURST_MAX, Math.ceil(remote.workload.ops.length / 10));
  const singles: number[] = [];
  let at = 0;
  for (let i = 0; i < Math.min(SINGLE_MAX, size) && at < remote.workload.ops.length; i++) {
    const { sent, us } = await burst(remote, expectation, at, 1);
    at += sent;
    singles.push(us);
  }
  let count = 0;
  let spent = 0;
  for (const warm = at + size; at < remote.workload.ops.length && (at < warm || spent < seconds * 1e6); ) {
    const { sent, us } = await burst(remote, expectation, at, size);
    at += sent;
    if (at <= warm) continue;
    count += sent;
    spent += us;
  }
  return { p50_us: percentile(singles, 0.5), p99_us: percentile(singles, 0.99), ops_per_s: count / (spent / 1e6), bytes: 0 };
}

async function ownChanges(remote: Remote, seconds: number): Promise<Sample> {
  const before = await Expectation.of(remote.workload);
  const shown = JSON.stringify(before.rows(0));
  const times: number[] = [];
  let spent = 0;
  for (let i = 0; i < remote.workload.ops.length && spent < seconds * 1e6; i++) {
    const { id } = remote.workload.ops[i]!;
    // A change of a row that is not on the screen, and stays so, cannot be waited for.
    if (!before.rows(0).some((row) => (row as { id: string }).id === id)) continue;
    const started = performance.now();
    remote.change(i);
    await until(remote, () => (take(remote), JSON.stringify(remote.result(0)) !== shown), `change ${i}`);
    remote.reject(i, times.length + 1);
    await until(remote, () => (take(remote), JSON.stringify(remote.result(0)) === shown), `the end of change ${i}`);
    times.push((performance.now() - started) * 1000);
    spent += times.at(-1)!;
  }
  return { p50_us: percentile(times, 0.5), p99_us: percentile(times, 0.99), ops_per_s: times.length / (spent / 1e6), bytes: 0 };
}

export async function measureRemote(test: Case, remote: Remote, { seconds }: Limits): Promise<Sample> {
  const expectation = await Expectation.of(remote.workload);
  const loaded = await load(test, remote, expectation);
  assertSame(remote.result(0), expectation.rows(0), 'after the load');
  const sample = test.measures !== 'ops' ? loaded
    : remote.workload.optimistic ? await ownChanges(remote, seconds) : await serverChanges(remote, expectation, seconds);
  remote.close();
  if (sink === 0) throw new Error('nothing was read');
  return sample;
}

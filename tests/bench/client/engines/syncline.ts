// Syncline through its public TypeScript API: connect({ host: 'inline' }) with a transport that this file plays the server of.
// Reads are live.rows; changes enter as binary frames, the user's as db.leads.update().
import { type AggregateRow, connect, type LiveQuery, Session as SignedIn, type SynclineDatabase, type Transport } from '../../../../web/packages/client/src/index.ts';
import type { Expected } from '../browser/wire.ts';
import { countOf, subscriptionsOf } from '../browser/wire.ts';
import { BENCH_USER, FakeServer } from '../fake_server.ts';
import { rejection } from '../frames.ts';
import { plainGroup, plainLead } from '../oracle.ts';
import { ServerModel, type Subscriptions } from '../server_model.ts';
import type { Engine, Lead, Rows, Session, View, Workload } from '../types.ts';

function watch(db: SynclineDatabase, view: View): LiveQuery[] {
  const byValue = db.leads.orderBy('value', 'desc');
  switch (view.kind) {
    case 'top':
      return [db.watch(byValue.limit(view.limit)) as LiveQuery];
    case 'window':
      return [db.watch(byValue, { window: { first: view.first, count: view.count } }) as LiveQuery];
    case 'joined':
      return [db.watch(byValue.limit(view.limit).include('owner')) as LiveQuery];
    case 'owned':
      return view.owners.map((owner) => db.watch(db.leads.where('ownerId', '=', owner)) as LiveQuery);
    case 'group':
      return [db.watch(db.leads.all().groupBy('status').count().sum('value')) as LiveQuery];
  }
}

export interface Watched {
  readonly lives: readonly LiveQuery[];
  readonly expected: Expected;
}
/** The view's queries. The first list is on the screen; everything else is fetched behind it. */
export function subscribeTo(db: SynclineDatabase, view: View): Watched {
  const lives = watch(db, view);
  const users = view.kind === 'joined';
  const leads = view.kind !== 'owned' && view.kind !== 'window';
  if (users) db.preload(db.users.all());
  if (leads) db.preload(db.leads.all());
  return { lives, expected: { view: lives.length, users, leads } };
}

/** In the form of the oracle. */
export function plainResult(view: View, rows: Rows): Rows {
  if (view.kind !== 'group') return rows.map(plainLead);
  return (rows as readonly AggregateRow[]).map(({ key, count, sums }) => plainGroup({ key: String(key), count, sum: sums['value']! }));
}

/** All frames of the server, made before anything is timed. */
function encode(workload: Workload, subscriptions: Subscriptions): { initial: Uint8Array[]; frames: readonly Uint8Array[] } {
  const model = new ServerModel(workload, subscriptions);
  const initial = model.initial();
  return { initial, frames: workload.optimistic ? [] : workload.ops.map((op) => model.frame(op)) };
}

export function synclineEngine(wasm: WebAssembly.Module): Engine {
  return { name: 'syncline', open: (workload) => open(wasm, workload) };
}

async function open(wasm: WebAssembly.Module, workload: Workload): Promise<Session> {
  const { view, optimistic } = workload;
  let { ops } = workload;
  const server = new FakeServer();
  const transport: Transport = (events) => {
    server.attach((frame) => events.received(frame));
    queueMicrotask(() => events.opened());
    return { send: (frame) => server.heard(frame), close: () => undefined };
  };
  const session = new SignedIn('http://bench.invalid', {
    accessToken: 'bench', expiresIn: 1_000_000, user: { id: BENCH_USER, name: 'Bench', email: 'bench@example.com', role: 'admin' },
  });
  const db = await connect({ session, host: 'inline', wasm, transport });
  const { lives, expected } = subscribeTo(db, view);
  const dirty = new Set<LiveQuery>();
  for (const live of lives) live.subscribe(() => dirty.add(live));
  await server.subscribed(countOf(expected));
  const subscriptions = subscriptionsOf(server.subscriptions, expected);
  let { initial, frames } = encode(workload, subscriptions);
  const steps = initial.length;
  const handles = new Map<number, ReturnType<typeof db.leads.update>>();

  return {
    load: Array.from({ length: steps }, (_, i) => () => {
      server.send(initial[i]!);
      if (i === steps - 1) initial = [];
    }),
    apply(i) {
      if (!optimistic) {
        server.send(frames[i]!);
        return undefined;
      }
      const { id, set } = ops[i]!;
      const handle = db.leads.update(id, set as Partial<Lead> as never);
      handles.set(i, handle);
      return handle.local.then(() => undefined);
    },
    async reject(i) {
      // The change has gone out: it is in the outbox and on the wire.
      await server.pushed(i + 1);
      server.send(rejection(1, server.client, i + 1));
      const settled = await handles.get(i)!.settled;
      handles.delete(i);
      if (settled.outcome !== 'rejected') throw new Error(`expected a rejection, not "${settled.outcome}"`);
    },
    changes() {
      const changed = Array.from(dirty, (live) => live.rows as Rows);
      dirty.clear();
      return changed;
    },
    result: (query) => plainResult(view, lives[query]!.rows as Rows),
    forget() {
      frames = [];
      ops = [];
    },
    close: () => db.close(),
  };
}

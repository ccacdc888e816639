// Syncline through its public TypeScript API: connect({ host: 'inline' }) with a transport that this file plays the server of.
// Reads are live.rows; changes enter as binary frames, the user's as db.leads.update().
import { type AggregateRow, connect, type LiveQuery, Session as SignedIn, type SynclineDatabase, type Transport, type TransportEvents } from '../../../../web/packages/client/src/index.ts';
import { pong, rejection, welcome } from '../frames.ts';
import { plainGroup, plainLead } from '../oracle.ts';
import { ServerModel, type Subscriptions } from '../server_model.ts';
import type { Engine, Lead, Rows, Session, View, Workload } from '../types.ts';

const USER = '00000000-0000-7000-8000-0000000000aa';
/** Kinds of frames towards the server (PROTOCOL.md). */
const Sent = { hello: 0, subscribe: 2, push: 4, ping: 5 } as const;
const HELLO_CLIENT_AT = 1 + 4 + 8;

/** The other end of the transport. */
class FakeServer {
  readonly subscriptions: number[] = [];
  client = new Uint8Array(16);
  pushes = 0;
  private events: TransportEvents | null = null;

  readonly transport: Transport = (events) => {
    this.events = events;
    queueMicrotask(() => events.opened());
    return { send: (frame) => this.heard(frame), close: () => undefined };
  };
  send(frame: Uint8Array): void {
    this.events!.received(frame);
  }
  private heard(frame: Uint8Array): void {
    switch (frame[0]) {
      case Sent.hello:
        this.client = frame.slice(HELLO_CLIENT_AT, HELLO_CLIENT_AT + 16);
        queueMicrotask(() => this.send(welcome(USER)));
        return;
      case Sent.subscribe:
        this.subscriptions.push(new DataView(frame.buffer, frame.byteOffset).getUint32(1, true));
        return;
      case Sent.push:
        this.pushes++;
        return;
      case Sent.ping:
        queueMicrotask(() => this.send(pong(frame)));
    }
  }
}

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

function plain(view: View, rows: Rows): Rows {
  if (view.kind !== 'group') return rows.map(plainLead);
  return (rows as readonly AggregateRow[]).map(({ key, count, sums }) => plainGroup({ key: String(key), count, sum: sums['value']! }));
}

/** All frames of the server, made before anything is timed. */
function encode(workload: Workload, subscriptions: Subscriptions): { initial: Uint8Array[]; frames: readonly Uint8Array[] } {
  const model = new ServerModel(workload, subscriptions);
  const initial = model.initial();
  return { initial, frames: workload.optimistic ? [] : workload.ops.map((op) => model.frame(op)) };
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 0));
}

export function synclineEngine(wasm: WebAssembly.Module): Engine {
  return { name: 'syncline', open: (workload) => open(wasm, workload) };
}

async function open(wasm: WebAssembly.Module, workload: Workload): Promise<Session> {
  const { view, optimistic } = workload;
  let { ops } = workload;
  const server = new FakeServer();
  const session = new SignedIn('http://bench.invalid', {
    accessToken: 'bench', expiresIn: 1_000_000, user: { id: USER, name: 'Bench', email: 'bench@example.com', role: 'admin' },
  });
  const db = await connect({ session, host: 'inline', wasm, transport: server.transport });
  const lives = watch(db, view);
  const dirty = new Set<LiveQuery>();
  for (const live of lives) live.subscribe(() => dirty.add(live));
  // The first list is on the screen; everything else is fetched behind it.
  const whole = view.kind !== 'owned' && view.kind !== 'window';
  if (view.kind === 'joined') db.preload(db.users.all());
  if (whole) db.preload(db.leads.all());
  const expected = lives.length + (whole ? 1 : 0) + (view.kind === 'joined' ? 1 : 0);
  await until(() => server.subscriptions.length === expected);
  const numbers = server.subscriptions;
  const subscriptions: Subscriptions = {
    view: numbers.slice(0, lives.length),
    users: view.kind === 'joined' ? numbers[lives.length]! : 0,
    leads: whole ? numbers.at(-1)! : 0,
  };
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
      while (server.pushes <= i) await null;
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
    result: (query) => plain(view, lives[query]!.rows as Rows),
    forget() {
      frames = [];
      ops = [];
    },
    close: () => db.close(),
  };
}

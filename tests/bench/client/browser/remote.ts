// An engine in the page whose changes come over a WebSocket: Syncline's into its SharedWorker, as an application uses it; the
// others' as text into the page.
import { connect, type LiveQuery, Session as SignedIn } from '../../../../web/packages/client/src/index.ts';
import { plainResult, subscribeTo, type Watched } from '../engines/syncline.ts';
import { BENCH_USER } from '../fake_server.ts';
import type { Limits } from '../measure.ts';
import type { Case, Engine, Lead, Rows, Workload } from '../types.ts';
import { type Ask, Frame, type RunSpec } from './wire.ts';

export interface Remote {
  readonly workload: Workload;
  /** Asks for the first rows, or for changes `from` to `to` (not included); `changed` is called as results move. */
  load(): void;
  apply(from: number, to: number): void;
  /** The user's own change, and the server's "no" to it. */
  change(change: number): void;
  reject(change: number, sequence: number): void;
  changed: () => void;
  /** The results that changed since the last call. */
  changes(): readonly Rows[];
  result(query: number): Rows;
  /** Of all results. */
  total(): number;
  close(): void;
}

/** The runner's server. */
class Control {
  private ready: () => void = () => undefined;
  /** What comes for an engine without a wire of its own: a letter of `Frame`, the change's number or 0, the text. */
  heard: (kind: string, change: number) => void = () => undefined;
  private constructor(private readonly socket: WebSocket) {
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (data === Frame.ready) this.ready();
      else this.heard(data[0]!, data[0] === Frame.load ? 0 : Number.parseInt(data.slice(1, 12), 10));
    };
  }
  static async open(run: RunSpec): Promise<Control> {
    const socket = new WebSocket(new URL('/control', location.href.replace('http', 'ws')));
    await new Promise((resolve) => (socket.onopen = resolve));
    const control = new Control(socket);
    await control.asked({ type: 'open', run });
    return control;
  }
  ask(ask: Ask): void {
    this.socket.send(JSON.stringify(ask));
  }
  asked(ask: Ask): Promise<void> {
    const answered = new Promise<void>((resolve) => (this.ready = resolve));
    this.ask(ask);
    return answered;
  }
}

export async function openRemote(test: Case, engine: Engine, { rows, ops, seed }: Limits): Promise<Remote> {
  const syncline = engine.name === 'syncline';
  const control = await Control.open({ test: test.name, rows, ops, seed, syncline });
  const workload = test.make({ rows, ops, seed });
  return syncline ? openSyncline(workload, control) : openInPage(workload, engine, control);
}

async function openSyncline(workload: Workload, control: Control): Promise<Remote> {
  const session = new SignedIn(location.origin, {
    accessToken: 'bench', expiresIn: 1_000_000, user: { id: BENCH_USER, name: 'Bench', email: 'bench@example.com', role: 'admin' },
  });
  const db = await connect({ session });
  const dirty = new Set<LiveQuery>();
  const handles = new Map<number, ReturnType<typeof db.leads.update>>();
  const { lives, expected }: Watched = subscribeTo(db, workload.view);
  const remote: Remote = {
    workload,
    load: () => control.ask({ type: 'load' }),
    apply: (from, to) => control.ask({ type: 'apply', from, to }),
    change(change) {
      const { id, set } = workload.ops[change]!;
      handles.set(change, db.leads.update(id, set as Partial<Lead> as never));
    },
    reject: (change, sequence) => control.ask({ type: 'reject', change, sequence }),
    changed: () => undefined,
    changes() {
      const changed = Array.from(dirty, (live) => live.rows as Rows);
      dirty.clear();
      return changed;
    },
    result: (query) => plainResult(workload.view, lives[query]!.rows as Rows),
    total: () => lives.reduce((sum, live) => sum + live.rows.length, 0),
    close: () => db.close(),
  };
  for (const live of lives) {
    live.subscribe(() => {
      dirty.add(live);
      remote.changed();
    });
  }
  await control.asked({ type: 'encode', expected });
  return remote;
}

async function openInPage(workload: Workload, engine: Engine, control: Control): Promise<Remote> {
  const session = await engine.open(workload);
  let changed: readonly Rows[] = [];
  let loaded = false;
  const queries = workload.view.kind === 'owned' ? workload.view.owners.length : 1;
  const moved = (done: void | Promise<void>): void => {
    if (done) return void done.then(() => moved(undefined));
    changed = [...changed, ...session.changes()];
    if (changed.length > 0) remote.changed();
  };
  control.heard = (kind, change) => {
    if (kind === Frame.load) {
      for (const step of session.load) step();
      loaded = true;
    }
    moved(kind === Frame.apply ? session.apply(change) : kind === Frame.reject ? session.reject(change) : undefined);
  };
  const remote: Remote = {
    workload,
    load: () => control.ask({ type: 'load' }),
    apply: (from, to) => control.ask({ type: 'apply', from, to }),
    change: (change) => moved(session.apply(change)),
    reject: (change, sequence) => control.ask({ type: 'reject', change, sequence }),
    changed: () => undefined,
    changes() {
      const taken = changed;
      changed = [];
      return taken;
    },
    result: (query) => session.result(query),
    total: () => Array.from({ length: loaded ? queries : 0 }, (_, query) => session.result(query).length).reduce((sum, length) => sum + length, 0),
    close: () => session.close(),
  };
  await control.asked({ type: 'encode', expected: { view: queries, users: false, leads: false } });
  return remote;
}

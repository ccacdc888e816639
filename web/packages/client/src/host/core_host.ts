// CoreHost: the core with everything it needs around it: WASM instance, one WebSocket, the outbox, timers, and the tabs it
// serves. Thin shells put it into a SharedWorker (shared_worker.ts), beside a tab that leads (leader.ts) or onto the page's thread.
//
// Rule: after every command, drain the core's messages, then arm the timer. Nothing is sent before its mutation is stored
// (the core waits for `stored`). Updates go to a tab in one message, and only after it has painted the one before.
//
//   running ──logout, session over──→ ended     every tab is told at once; storage is cleared; nothing is written after
//      └─────a bug in the core──────→ dead      every tab is told at once; storage is left as it is
//
// Neither comes back: the shell starts another host for the next tab (host_slot.ts). A tab that still joins hears the end.
import { ArchiveReader, ArchiveWriter } from '../archive.ts';
import { HostDrafts } from './host_drafts.ts';
import { DraftAction } from '../draft.ts';
import type { SchemaMeta } from '../schema_types.ts';
import { laterThan, SteadyClock } from './clock.ts';
import { Journal } from './journal.ts';
import { Keeper } from './keeper.ts';
import type { ConnectionInfo, EndReason, HostMessage, RowWindow, SettledMutation, TabMessage, TabPort } from './messages.ts';
import { NOTHING_SAVED, type OutboxStore, type Saved } from './outbox_store.ts';
import { failedUpdate } from './subscription.ts';
import { newReader, type Reader, Subscriptions } from './subscriptions.ts';
import { BY_WEBSOCKET, type Transport, type TransportSocket } from './transport.ts';
import { Command, CoreDead, CoreRefusal, Output, type WasmCore } from './wasm_core.ts';
import { encodeMutation, type MutationId, readError, readMutationId, readOptionalError, readResult, type StoredMutation, type Verdict } from './wire.ts';

const STATES = ['disconnected', 'connecting', 'connected'] as const;
const FRAME_PART_BYTES = 256 * 1024;
const OF_ANOTHER_VERSION: Verdict = {
  outcome: 'rejected', version: 0, conflicts: [], result: {},
  error: { code: 'unknown_mutator', message: 'This version of the application does not know this change any more.', fields: [] },
};
/** So many traps within so long: the rows that the browser holds are not given to a core once more (SEMANTICS 25). */
const TRAPS_BORNE = 2;
const TRAPS_WITHIN_MS = 10 * 60_000;
const INHERITED_KEPT = 1_000;
const NOTHING: Transferable[] = [];

export interface HostOptions {
  readonly schema: SchemaMeta;
  readonly core: WasmCore;
  readonly outbox: OutboxStore;
  readonly transport: Transport;
  readonly client: string;
  readonly user: string;
  readonly role: string;
  /** Fresh per start: jitter of the backoff. */
  readonly seed: bigint;
}

type Tab = Reader;
/** What a tab says of a change that it wants. */
interface Asked {
  readonly call: number;
  readonly origin?: string;
  readonly replaces?: readonly MutationId[];
}

export class CoreHost {
  private readonly tabs = new Set<Tab>();
  private readonly subscriptions: Subscriptions;
  private socket: TransportSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer will run; it may be earlier than needed, never later. */
  private timerAt = Infinity;
  private readonly clock = new SteadyClock();
  /** What a tab hears that comes after the end; null while running. */
  private over: HostMessage | null = null;
  /** Of an ended host: whether storage could be cleared. */
  private cleared: Promise<boolean> | null = null;
  /** Verdicts on what earlier hosts left, the latest of them. */
  private readonly inherited: SettledMutation[] = [];
  private client = '';
  private flushing = false;
  private connection: ConnectionInfo;
  private readonly keeper: Keeper;
  private journal: Journal;
  private readonly drafts: HostDrafts<Tab>;
  private readonly overListeners: ((done: Promise<unknown>) => void)[] = [];

  private constructor(private readonly options: HostOptions) {
    this.subscriptions = new Subscriptions(options.core);
    this.keeper = new Keeper(options.outbox, () => this.guard(() => options.core.persist()) ?? null, (state) => this.setConnection(state), (refused) =>
      this.everyTab({ type: 'refused', refused }));
    this.journal = new Journal(options.schema, this.keeper, NOTHING_SAVED);
    this.drafts = new HostDrafts(options.schema, (bytes) => options.core.call(Command.draft, bytes, this.now()), (tab, message) => this.post(tab, message));
    this.connection = { state: 'disconnected', attempt: 0, retryAt: null, pending: 0, undoable: 0, redoable: 0, ...BY_WEBSOCKET, ...this.keeper.state };
  }

  static async start(options: HostOptions): Promise<CoreHost> {
    const host = new CoreHost(options);
    const saved = await options.outbox.load();
    const client = laterThan(saved.mutations.map((mutation) => mutation.client), options.client);
    host.client = client;
    host.keeper.begin(client);
    host.journal = new Journal(options.schema, host.keeper, saved);
    try {
      host.begin(client, saved);
    } catch (error) {
      host.keeper.stop();
      await host.keeper.trapped();
      throw error;
    }
    return host;
  }

  private begin(client: string, saved: Saved): void {
    const { core, schema, seed, user, role } = this.options;
    core.send(Command.create, this.now(), (out) => out.id(client).u64(seed).id(user).u8(Math.max(0, schema.roles.indexOf(role))));
    const traps = saved.traps.filter((at) => Math.abs(Date.now() - at) < TRAPS_WITHIN_MS);
    if (saved.rows && traps.length < TRAPS_BORNE) {
      try {
        core.call(Command.restoreRows, saved.rows, this.now());
      } catch (error) {
        if (!(error instanceof CoreRefusal)) throw error;
      }
    } else if (saved.rows) {
      console.warn('syncline: the engine failed twice; it starts without the rows that this browser held');
      this.keeper.dropRows();
    }
    const queued = saved.mutations.flatMap((mutation) => this.encoded(mutation));
    core.send(Command.restore, this.now(), (out) =>
      out.list(queued, (bytes) => out.bytes(bytes)).list(saved.clients, (each) => out.id(each)));
    this.drain();
  }

  /** What another build queued and this one has no names for nobody can send: it is kept as refused, where its author sees it. */
  private encoded(mutation: StoredMutation): Uint8Array[] {
    try {
      return [encodeMutation(this.options.schema, mutation)];
    } catch (error) {
      console.warn('syncline: a queued change is of another version of the application', error);
      void this.keeper.refuse(mutation, mutation, OF_ANOTHER_VERSION);
      return [];
    }
  }

  attach(port: TabPort): Tab {
    const tab = newReader(port);
    this.tabs.add(tab);
    this.post(tab, this.over ?? { type: 'connection', connection: this.connection });
    // Also an empty list: the tab may know a longer one from the host before.
    if (!this.over) this.post(tab, { type: 'refused', refused: this.keeper.refused });
    return tab;
  }

  detach(tab: Tab): void {
    if (!this.tabs.delete(tab)) return;
    for (const query of [...tab.queries.keys()]) this.unsubscribe(tab, query);
    this.turn(() => this.drafts.closeAll(tab));
  }

  get tabCount(): number {
    return this.tabs.size;
  }

  receive(tab: Tab, message: TabMessage): void {
    if (message.type === 'logout') void this.signOut(message.discard, tab).then((cleared) => this.post(tab, { type: 'loggedOut', cleared }));
    else if (message.type === 'bye') this.detach(tab);
    else this.turn(() => this.handle(tab, message));
  }

  /** A bug ended this host: nobody has signed out, and storage holds what it held. */
  get isDead(): boolean {
    return this.over?.type === 'failed';
  }

  /** Called once, when this host is over; `done` waits for what it still does to storage. */
  onOver(listener: (done: Promise<unknown>) => void): void {
    this.overListeners.push(listener);
  }
  private tellOver(done: Promise<unknown>): void {
    for (const listener of this.overListeners) listener(done);
  }

  /**
   * Ends this host for all tabs and clears this user's storage: rows, and with `discard` the queue. Resolves with false when
   * storage refused. A second sign-out, on its way while the first was at work, changes nothing and gets the same answer.
   */
  signOut(discard: boolean, by?: Tab): Promise<boolean> {
    return this.cleared ?? this.end('signedOut', discard, by);
  }

  private end(reason: EndReason, discard: boolean, by?: Tab): Promise<boolean> {
    const message: HostMessage = { type: 'ended', reason };
    // Other tabs hear of it before anything else happens.
    if (by) this.tabs.delete(by);
    this.everyTab(message);
    this.tabs.clear();
    this.guard(() => this.command(Command.stop));
    this.shutDown(message);
    this.cleared = this.keeper.clear(discard);
    this.tellOver(this.cleared);
    return this.cleared;
  }

  /** Stops without a word to the tabs, which go on with another shell; storage is left as it is. */
  leave(): void {
    if (this.over) return;
    this.guard(() => this.command(Command.stop));
    this.shutDown({ type: 'ended', reason: 'signedOut' });
    this.tabs.clear();
  }

  private shutDown(last: HostMessage): void {
    this.over = last;
    clearTimeout(this.timer);
    this.keeper.stop();
    this.forgetSocket(true);
  }

  private handle(tab: Tab, message: Exclude<TabMessage, { type: 'logout' | 'bye' }>): void {
    switch (message.type) {
      case 'hello':
        // What it asked of an earlier host may have been judged before it came.
        if (message.again) for (const settled of this.inherited) this.post(tab, { type: 'settled', settled });
        this.command(Command.setToken, (out) => out.text(message.token));
        return;
      case 'token':
        this.command(Command.setToken, (out) => out.text(message.token));
        return;
      case 'subscribe':
        this.subscribe(tab, message.query, message.bytes, message.window);
        return;
      case 'window':
        this.setWindow(tab, message.query, message.window);
        return;
      case 'unsubscribe':
        this.unsubscribe(tab, message.query);
        return;
      case 'mutate':
        return void this.mutate(tab, message, !message.accepted ? Command.mutate : message.undo ? Command.undoAccepted : Command.mutateAccepted, message.bytes);
      case 'draft':
        if (message.action !== DraftAction.commit) this.drafts.run(tab, message);
        else if (this.mutate(tab, message, Command.draft, this.drafts.command(tab, message))) this.drafts.restart(tab, message);
        return this.drain();
      case 'undo':
        return void this.mutate(tab, message, Command.undo, new ArchiveWriter().bool(message.redo).finish());
      case 'discard':
        return void this.keeper.discard(message.id);
      case 'explain': {
        const number = tab.queries.get(message.query)?.number;
        const facts = number === undefined ? null : this.options.core.explain(number);
        this.post(tab, { type: 'explained', call: message.call, facts });
        return;
      }
      case 'askedAgain':
        this.drafts.tellAll(tab);
        return void this.post(tab, message);
      case 'painted':
        return void (tab.painted = true);
      case 'online':
        this.command(Command.setOnline, (out) => out.bool(message.online));
        if (message.online) this.socket?.refresh?.();
        return;
      case 'retry':
        this.command(Command.retryNow);
        this.socket?.refresh?.();
        return;
      case 'sessionEnded':
        void this.end('sessionEnded', false, tab);
        return;
    }
  }

  private subscribe(tab: Tab, query: number, bytes: Uint8Array, window: RowWindow): void {
    try {
      const command = new ArchiveWriter().raw(bytes).u32(window.first).u32(window.count).finish();
      const number = new ArchiveReader(this.options.core.call(Command.subscribe, command, this.now())).u32();
      this.subscriptions.add(tab, query, number, window);
    } catch (error) {
      if (!(error instanceof CoreRefusal)) throw error;
      this.post(tab, { type: 'updates', updates: [failedUpdate(query, error.engine)] });
    }
    this.drain();
  }

  private setWindow(tab: Tab, query: number, window: RowWindow): void {
    const subscription = tab.queries.get(query);
    if (!subscription) return;
    subscription.window = window;
    this.command(Command.setWindow, (out) => out.u32(subscription.number).u32(window.first).u32(window.count));
  }

  private unsubscribe(tab: Tab, query: number): void {
    const subscription = tab.queries.get(query);
    if (!subscription) return;
    this.subscriptions.remove(tab, subscription);
    this.guard(() => this.command(Command.unsubscribe, (out) => out.u32(subscription.number)));
  }

  /** true: an earlier host has done it. */
  private mutate(tab: Tab, { call, origin, replaces }: Asked, command: number, bytes: Uint8Array): boolean {
    const stored = (): void => {
      if (this.tabs.has(tab)) this.post(tab, { type: 'stored', call });
    };
    const known = this.journal.find(origin);
    if (known) {
      this.post(tab, { type: 'answer', call, mutationId: known, error: null, certain: false, result: {} });
      stored();
      return true;
    }
    this.change(tab, call, command, bytes, (id) => {
      if (origin !== undefined) this.journal.note(id, origin, stored);
      // A tab that was loaded from an earlier build says one.
      if (replaces) this.journal.replace(id, [replaces].flat());
    });
    return false;
  }

  /** `made` hears of the mutation before its store_mutation comes. */
  private change(tab: Tab, call: number, command: number, bytes: Uint8Array, made: (id: MutationId) => void): void {
    try {
      const answer = new ArchiveReader(this.options.core.call(command, bytes, this.now()));
      const mutationId = readMutationId(answer);
      const error = readOptionalError(answer);
      if (!error) made(mutationId);
      const [certain, result] = [answer.bool(), readResult(answer)];
      const rest = answer.rest();
      this.post(tab, { type: 'answer', call, mutationId, error, certain, result, ...(rest.length > 0 && { made: rest.slice() }) });
    } catch (error) {
      if (!(error instanceof CoreRefusal)) throw error;
      this.post(tab, { type: 'answer', call, mutationId: null, error: error.engine, certain: true, result: {} });
    }
    this.drain();
  }

  private now(): number {
    return this.clock.now();
  }

  private command(command: number, write?: (out: ArchiveWriter) => void): void {
    this.options.core.send(command, this.now(), write);
    this.drain();
  }

  private drain(): void {
    const { core } = this.options;
    try {
      for (let message = core.poll(); message; message = core.poll()) {
        this.output(message.u8(), message);
      }
    } finally {
      this.journal.rest();
    }
    this.arm(core.nextTimeout);
  }

  /** Every frame moves the core's next deadline away. A timer that runs too early costs less than one that is set each time. */
  private arm(next: number): void {
    if (next >= this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = next;
    const wait = Math.min(Math.max(0, next - this.now()), 0x7fff_ffff);
    this.timer = setTimeout(() => {
      this.timerAt = Infinity;
      this.turn(() => this.command(Command.timeout));
    }, wait);
  }

  private output(kind: number, input: ArchiveReader): void {
    switch (kind) {
      case Output.connect:
        this.connect();
        return;
      case Output.disconnect:
        this.forgetSocket(true);
        return;
      case Output.send:
        this.socket?.send(input.rest().slice());
        return;
      case Output.storeMutation:
        void this.journal.store(input).then((id) =>
          this.turn(() => this.command(Command.stored, (out) => out.id(id.client).u64(id.sequence))));
        return;
      case Output.forgetMutation:
        this.journal.forget(input);
        return;
      case Output.tokenWanted:
        readError(input);
        this.anyTab({ type: 'tokenWanted' });
        return;
      case Output.reloadWanted:
        this.everyTab({ type: 'reloadWanted', error: readError(input) });
        return;
      case Output.connectionChanged: {
        const state = STATES[input.u8()] ?? 'disconnected';
        const attempt = input.u32();
        this.setConnection({ state, attempt, retryAt: input.bool() ? this.clock.told(input.i64()) : null });
        return;
      }
      case Output.pendingChanged:
        this.setConnection({ pending: input.u32() });
        return;
      case Output.historyChanged:
        this.setConnection({ undoable: input.u32(), redoable: input.u32() });
        return;
      case Output.draftChanged:
        return this.drafts.moved(input);
      case Output.settled:
        return this.settled(this.journal.settle(input));
      case Output.viewUpdate:
        this.subscriptions.moved(input);
        this.keeper.saveRowsSoon();
        return;
    }
  }

  private settled(settled: SettledMutation): void {
    if (settled.mutationId.client !== this.client) this.inherited.push(settled);
    if (this.inherited.length > INHERITED_KEPT) this.inherited.shift();
    this.everyTab({ type: 'settled', settled });
  }

  private connect(): void {
    this.forgetSocket(true);
    const mine = (run: () => void): void => {
      if (this.socket === socket) this.turn(run);
    };
    const socket: TransportSocket = this.options.transport({
      opened: () => mine(() => this.command(Command.opened)),
      received: (frame) => {
        if (this.socket === socket) this.received(frame);
      },
      closed: () => mine(() => {
        this.forgetSocket(false);
        this.command(Command.closed);
      }),
      carried: (by) => mine(() => this.setConnection(by)),
      moved: () => mine(() => {
        this.forgetSocket(false);
        this.command(Command.closed);
        this.command(Command.retryNow);
      }),
    });
    this.socket = socket;
  }

  // As turn(), but for the closures: this runs with every change.
  private received(frame: Uint8Array): void {
    if (this.over) return;
    try {
      this.receiveFrame(frame);
    } catch (error) {
      this.died(error);
    }
    this.tell();
  }

  /** A large frame goes in by parts, so that the core never holds it beside the rows that are made of it. */
  private receiveFrame(frame: Uint8Array): void {
    const { core } = this.options;
    let at = 0;
    for (; frame.length - at > FRAME_PART_BYTES; at += FRAME_PART_BYTES) {
      core.call(Command.receivedPart, frame.subarray(at, at + FRAME_PART_BYTES), this.now());
    }
    core.call(Command.received, at === 0 ? frame : frame.subarray(at), this.now());
    this.drain();
  }

  private forgetSocket(close: boolean): void {
    const socket = this.socket;
    this.socket = null;
    if (close && socket) socket.close();
  }

  /** What a listener on the same thread causes is told after what it has just been told. */
  private flush(): void {
    if (this.flushing || this.over) return;
    this.flushing = true;
    try {
      while (this.flushOnce());
    } finally {
      this.flushing = false;
    }
  }
  /** true: somebody on the same thread was told, and may have caused more. */
  private flushOnce(): boolean {
    let told = false;
    for (const tab of this.tabs) {
      while (!this.over && this.subscriptions.tell(tab)) told = true;
    }
    return told;
  }

  private setConnection(change: Partial<ConnectionInfo>): void {
    this.connection = { ...this.connection, ...change };
    this.everyTab({ type: 'connection', connection: this.connection });
  }

  private turn(run: () => void): void {
    this.guard(run);
    this.tell();
  }
  private tell(): void {
    if (this.over) return;
    try {
      this.flush();
    } catch (error) {
      this.died(error);
    }
  }

  private guard<T>(run: () => T): T | undefined {
    if (this.over) return undefined;
    try {
      return run();
    } catch (error) {
      this.died(error);
      return undefined;
    }
  }

  /** A bug in the core ends it; the tabs are told once, and the outbox still holds what was queued. */
  private died(error: unknown): void {
    const engine = error instanceof CoreDead ? error.engine : { code: 'internal', message: String(error), fields: [] };
    const message: HostMessage = { type: 'failed', error: engine };
    this.shutDown(message);
    this.everyTab(message);
    this.tellOver(this.keeper.trapped());
  }

  private post(tab: Tab, message: HostMessage): void {
    tab.port.post(message, NOTHING);
  }
  private everyTab(message: HostMessage): void {
    for (const tab of this.tabs) this.post(tab, message);
  }
  private anyTab(message: HostMessage): void {
    const first = this.tabs.values().next();
    if (!first.done) this.post(first.value, message);
  }
}

// Database: what an application holds. Queries, mutations, connection; everything else (worker, WASM, IndexedDB, socket) is
// behind it.
import { ArchiveWriter, newId } from './archive.ts';
import { type AnyShape, CollectionHandle } from './collection_handle.ts';
import { type Collections, type Mutators, schema } from './generated/schema.ts';
import { connectHost, type HostKind, hostKind, type HostLink } from './host/connect_host.ts';
import { ALL_ROWS, type ConnectionInfo, type EndReason, type HostMessage, type RowWindow, type TabMessage } from './host/messages.ts';
import { BY_WEBSOCKET, type Transport } from './host/transport.ts';
import type { WasmSource } from './host/wasm_core.ts';
import {
  type BaseVersion, type EngineError, isInsert, type MutationId, mutatorOf, type RefusedMutation, setErrorCodes, writeArguments,
  writeBases, type WriteKinds,
} from './host/wire.ts';
import { Draft, DraftAction, type SeenRow } from './draft.ts';
import { type Explanation, readExplanation } from './explanation.ts';
import { LiveQuery } from './live_query.ts';
import { MutationCalls, type MutationHandle, type Settled } from './mutation_calls.ts';
import type { Query } from './query.ts';
import { makeDecoders } from './records.ts';
import type { MutatorMeta } from './schema_types.ts';
import type { Session } from './session.ts';
import type { JsValue } from './value.ts';

export type Fields = Readonly<Record<string, JsValue | undefined>>;
export interface MutateOptions {
  /** The version of the record that the author saw; default: no conflict check. */
  readonly base?: number;
  /** The refused changes that this one takes the place of. */
  readonly replaces?: MutationId | readonly MutationId[];
}

interface Watched {
  readonly live: LiveQuery;
  readonly key: string;
  /** Under which the host knows it now. */
  number: number;
  idle?: ReturnType<typeof setTimeout>;
}

export interface ConnectOptions {
  readonly session: Session;
  /** Default: the page's own origin. */
  readonly url?: string;
  /** Where syncline.wasm is served. */
  readonly wasmUrl?: string;
  /** Default: the best that this browser offers (hostKind). */
  readonly host?: HostKind;
  /** The module or its bytes, for an inline host without fetch (tests). */
  readonly wasm?: WasmSource;
  /** How an inline host's frames reach the server; default: a WebSocket. */
  readonly transport?: Transport;
}

export interface WatchOptions {
  /** Only these rows of the result are decoded and told of; `live.setWindow` moves it. Default: all rows. */
  readonly window?: RowWindow;
}

/** How long an unread query stays live: going back renders at once (BOUNDARY.md). */
const KEEP_IDLE_MS = 30_000;
const PAINT_TIMEOUT_MS = 100;
const TOKEN_AGAIN_MS = 2_000;
/** A worker that does not answer must not keep anybody signed in. */
const LOGOUT_TIMEOUT_MS = 5_000;
const SIGNED_OUT: EngineError = { code: 'unauthenticated', message: 'You are signed out.', fields: [] };
const CLOSED: EngineError = { code: 'unavailable', message: 'This database is closed.', fields: [] };

export class Database {
  private readonly link: HostLink;
  private readonly decoders = makeDecoders(schema);
  private readonly byKey = new Map<string, Watched>();
  private readonly byNumber = new Map<number, LiveQuery>();
  private readonly changes = new MutationCalls();
  private readonly explaining = new Map<number, (facts: Uint8Array | null) => void>();
  private readonly drafts = new Map<number, Draft>();
  /** The engine has stopped, or this hand on it is closed, for good: nothing that is asked for comes about any more. */
  private failure: EngineError | null = null;
  private readonly settledListeners = new Set<(settled: Settled) => void>();
  private readonly connectionListeners = new Set<() => void>();
  private readonly refusedListeners = new Set<() => void>();
  private refusedNow: readonly RefusedMutation[] = [];
  private tokenTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly failureListeners = new Set<(error: EngineError) => void>();
  private readonly reloadListeners = new Set<(error: EngineError) => void>();
  private readonly endedListeners = new Set<(reason: EndReason) => void>();
  private readonly collections = new Map<string, CollectionHandle<never>>();
  private counter = 0;
  private info: ConnectionInfo = { state: 'connecting', attempt: 0, retryAt: null, pending: 0, undoable: 0, redoable: 0, ...BY_WEBSOCKET, durable: true, storageBehind: false };
  private loggedOut: ((cleared: boolean) => void) | null = null;

  constructor(readonly session: Session, token: string, options: ConnectOptions) {
    setErrorCodes(schema.errorCodes);
    const request = {
      user: session.user.id,
      role: session.user.role,
      url: options.url ?? session.url,
      wasmUrl: options.wasmUrl ?? new URL('/syncline.wasm', options.url ?? session.url).href,
      token,
      receive: (message: HostMessage) => this.receive(message),
    };
    this.link = connectHost(hostKind(options.host), request, { wasm: options.wasm, transport: options.transport });
    if (typeof window !== 'undefined') {
      window.addEventListener('online', this.online);
      window.addEventListener('offline', this.online);
      document.addEventListener('visibilitychange', this.visible);
    }
  }

  private readonly online = (): void => this.link.send({ type: 'online', online: navigator.onLine });
  private readonly visible = (): void => {
    if (document.visibilityState === 'visible' && this.info.state !== 'connected') this.retryNow();
  };

  collection<K extends keyof Collections & string>(key: K): CollectionHandle<Collections[K]> {
    let handle = this.collections.get(key) as CollectionHandle<Collections[K]> | undefined;
    if (!handle) {
      const meta = schema.collections.find((each) => each.key === key || each.name === key);
      if (!meta) throw new RangeError(`there is no collection "${key}"`);
      handle = new CollectionHandle<Collections[K]>(this, meta);
      this.collections.set(key, handle as CollectionHandle<never>);
    }
    return handle;
  }

  /** A collection by a name that is only known at run time (screens made from the schema). */
  table(name: string): CollectionHandle<AnyShape> {
    return this.collection(name as keyof Collections & string) as unknown as CollectionHandle<AnyShape>;
  }

  /**
   * Equal queries share one live query; it stays for a while after its last reader left. With a window it is the caller's own,
   * and its rows are those of the window.
   */
  watch<T>(query: Query<T>, options: WatchOptions = {}): LiveQuery<T> {
    const key = options.window ? `${query.key} #${this.counter + 1}` : query.key;
    const known = this.byKey.get(key);
    if (known) return known.live as LiveQuery<T>;
    const live = new LiveQuery<T>(query, options.window ?? ALL_ROWS, this.decoders, {
      wanted: () => this.wanted(entry),
      idle: () => this.idle(entry),
      moved: (to) => this.link.send({ type: 'window', query: entry.number, window: to }),
    });
    const entry: Watched = { live: live as LiveQuery, key, number: 0 };
    this.ask(entry);
    return live;
  }

  private ask(entry: Watched): void {
    const { live, key } = entry;
    entry.number = ++this.counter;
    if (!this.byKey.has(key)) this.byKey.set(key, entry);
    this.byNumber.set(entry.number, live);
    this.link.send({ type: 'subscribe', query: entry.number, bytes: live.query.bytes, window: live.window });
    this.idle(entry);
  }
  private forget(entry: Watched): void {
    if (this.byKey.get(entry.key) === entry) this.byKey.delete(entry.key);
    if (this.byNumber.delete(entry.number)) this.link.send({ type: 'unsubscribe', query: entry.number });
  }
  /** It was let go of while nobody read it, or it has failed, and why may be over. */
  private wanted(entry: Watched): void {
    const { live, number } = entry;
    if (this.failure || (this.byNumber.has(number) && live.status !== 'error')) return;
    this.forget(entry);
    live.again();
    this.ask(entry);
  }

  /** Holds the rows of a query here, so that other queries and changes of them answer at once. Returns the end of it. */
  preload(query: Query<unknown>): () => void {
    const number = ++this.counter;
    this.link.send({ type: 'subscribe', query: number, bytes: query.bytes, window: { first: 0, count: 0 } });
    return () => this.link.send({ type: 'unsubscribe', query: number });
  }

  /** What the core knows of a query that is watched here; null when it is not. */
  explain(query: Query<unknown>): Promise<Explanation | null> {
    const entry = [...this.byKey.values()].find((each) => each.live.query.key === query.key);
    if (!entry || this.failure) return Promise.resolve(null);
    const call = ++this.counter;
    this.link.send({ type: 'explain', call, query: entry.number });
    return new Promise((resolve) => this.explaining.set(call, (facts) => {
      resolve(facts && readExplanation(facts, query.collection));
    }));
  }

  private idle(entry: Watched): void {
    clearTimeout(entry.idle);
    entry.idle = setTimeout(() => {
      if (!entry.live.hasReaders) this.forget(entry);
    }, KEEP_IDLE_MS);
  }

  mutate<N extends keyof Mutators & string>(name: N, args: Mutators[N]['args'], options?: MutateOptions): MutationHandle;
  mutate(name: string, args: Fields, options?: MutateOptions): MutationHandle;
  mutate(name: string, args: object, options: MutateOptions = {}): MutationHandle {
    const mutator = mutatorOf(schema, name);
    const fields = args as Fields;
    // An id of its own, and none made of the change's number: that may become another one (tab_memory.ts), while the record is known.
    const id = fields['id'] ?? (isInsert(mutator) ? newId() : undefined);
    return this.send(mutator, { ...fields, id }, options.base === undefined ? [] : [
      { collection: mutator.collection, record: String(fields['id']), field: null, version: options.base },
    ], options.replaces && [options.replaces].flat().map(({ client, sequence }) => ({ client, sequence })));
  }

  private send(mutator: MutatorMeta, fields: Fields, bases: readonly BaseVersion[], replaces?: readonly MutationId[], kinds?: WriteKinds): MutationHandle {
    const out = new ArchiveWriter();
    out.text(mutator.name);
    writeArguments(out, mutator, fields, kinds);
    writeBases(out, schema, bases);
    const bytes = out.finish();
    return this.call((call) => ({ type: 'mutate', call, bytes, ...(replaces && { replaces }) }));
  }

  /**
   * Takes the last own change of this browser back: another change, that works offline and waits for the server like any. It is
   * refused, with the reason, where somebody else changed the same field since; then the change before it is the next.
   */
  undo(): MutationHandle {
    return this.call((call) => ({ type: 'undo', call, redo: false }));
  }
  /** Does again what `undo` took back last. */
  redo(): MutationHandle {
    return this.call((call) => ({ type: 'undo', call, redo: true }));
  }

  /** A draft of a record: edits with their errors, and conflicts as soon as somebody else changes an edited field. */
  edit(collection: string, record: string | SeenRow): Draft {
    const meta = schema.collections.find((each) => each.key === collection || each.name === collection);
    if (!meta) throw new RangeError(`there is no collection "${collection}"`);
    const draft = ++this.counter;
    const made = new Draft(meta, record, {
      send: (action, bytes) => this.link.send({ type: 'draft', call: 0, draft, action, bytes }),
      commit: (bytes) => this.call((call) => ({ type: 'draft', call, draft, action: DraftAction.commit, bytes })),
      closed: () => void this.drafts.delete(draft),
    });
    this.drafts.set(draft, made);
    made.open();
    return made;
  }

  private call(message: (call: number) => TabMessage): MutationHandle {
    const call = ++this.counter;
    const handle = this.changes.start(call);
    this.link.send(message(call));
    return handle;
  }

  /**
   * Changes that the server did not accept, of all tabs and starts of this browser, with what was asked for and the verdict.
   * Each stays until it is tried again, replaced (MutateOptions.replaces) or discarded.
   */
  get refused(): readonly RefusedMutation[] {
    return this.refusedNow;
  }
  onRefused(listener: () => void): () => void {
    this.refusedListeners.add(listener);
    return () => this.refusedListeners.delete(listener);
  }
  discardRefused(id: MutationId): void {
    this.link.send({ type: 'discard', id: { client: id.client, sequence: id.sequence } });
  }
  /** The same once more, from the same bases. Refused by this browser's rules at once, it stays where it is. */
  retryRefused({ client, sequence, name, args, bases, kinds }: RefusedMutation): MutationHandle {
    // Of an undo: what it takes back may have been done since, or never; either way this is asked for by itself now.
    const seen = bases.filter((base) => base.collection !== '');
    return this.send(mutatorOf(schema, name), args, seen, [{ client, sequence }], kinds);
  }

  private receive(message: HostMessage): void {
    switch (message.type) {
      case 'updates':
        for (const update of message.updates) this.byNumber.get(update.query)?.apply(update);
        if (!this.link.direct) this.afterPaint(() => this.link.send({ type: 'painted' }));
        return;
      case 'answer':
        this.changes.answered(message);
        return;
      case 'drafts':
        for (const { draft, state } of message.drafts) this.drafts.get(draft)?.moved(state);
        return;
      case 'explained':
        this.explaining.get(message.call)?.(message.facts);
        this.explaining.delete(message.call);
        return;
      case 'stored':
        return;
      case 'refused':
        this.refusedNow = message.refused;
        for (const listener of [...this.refusedListeners]) listener();
        return;
      case 'settled': {
        const settled = this.changes.judged(message.settled);
        for (const listener of [...this.settledListeners]) listener(settled);
        return;
      }
      case 'connection':
        this.info = message.connection;
        for (const listener of [...this.connectionListeners]) listener();
        return;
      case 'tokenWanted':
        // The session tells its listeners when it is over. In any other case the core is asked to want a token again.
        this.session.accessToken(true).then((token) => this.link.send({ type: 'token', token }), () => {
          clearTimeout(this.tokenTimer);
          this.tokenTimer = setTimeout(() => this.retryNow(), TOKEN_AGAIN_MS);
        });
        return;
      case 'reloadWanted':
        for (const listener of [...this.reloadListeners]) listener(message.error);
        return;
      case 'failed':
        for (const live of this.byNumber.values()) live.fail(message.error);
        this.over(message.error);
        for (const listener of [...this.failureListeners]) listener(message.error);
        return;
      case 'ended':
        this.over(SIGNED_OUT);
        this.close();
        // Asked for here while it happened elsewhere: it is done.
        this.loggedOut?.(true);
        for (const listener of [...this.endedListeners]) listener(message.reason);
        return;
      case 'loggedOut':
        this.loggedOut?.(message.cleared);
        return;
    }
  }

  private over(error: EngineError): void {
    this.failure = error;
    this.changes.end(error);
    for (const explained of this.explaining.values()) explained(null);
    this.explaining.clear();
  }

  private afterPaint(run: () => void): void {
    if (typeof requestAnimationFrame === 'undefined' || document.visibilityState === 'hidden') {
      setTimeout(run, typeof document === 'undefined' ? 0 : PAINT_TIMEOUT_MS);
    } else {
      requestAnimationFrame(run);
    }
  }

  get connection(): ConnectionInfo {
    return this.info;
  }
  onConnection(listener: () => void): () => void {
    this.connectionListeners.add(listener);
    return () => this.connectionListeners.delete(listener);
  }
  onSettled(listener: (settled: Settled) => void): () => void {
    this.settledListeners.add(listener);
    return () => this.settledListeners.delete(listener);
  }
  /** The core stopped (a bug or a failed start); reload. */
  onFailure(listener: (error: EngineError) => void): () => void {
    this.failureListeners.add(listener);
    return () => this.failureListeners.delete(listener);
  }
  /** The server runs another version; reload to get it. */
  onReloadWanted(listener: (error: EngineError) => void): () => void {
    this.reloadListeners.add(listener);
    return () => this.reloadListeners.delete(listener);
  }
  /** Connects now, if it is not; where the server is polled, asks it now, and whether a WebSocket opens by now. */
  retryNow(): void {
    this.link.send({ type: 'retry' });
  }

  /** Somebody signed out in another tab, or another tab heard that the session is over. This database is closed then. */
  onEnded(listener: (reason: EndReason) => void): () => void {
    this.endedListeners.add(listener);
    return () => this.endedListeners.delete(listener);
  }

  /**
   * Ends the core of this user in all tabs and deletes the rows that this browser keeps; with `discard` the queued changes
   * too, else the user's next sign-in here sends them. Resolves when that is done; with false when the browser refused.
   */
  logout(discard: boolean): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const silent = setTimeout(() => this.loggedOut?.(false), LOGOUT_TIMEOUT_MS);
      this.loggedOut = (cleared) => {
        this.loggedOut = null;
        clearTimeout(silent);
        this.over(SIGNED_OUT);
        this.close();
        resolve(cleared);
      };
      this.link.send({ type: 'logout', discard });
    });
  }
  /** The server says that the session is over: the same for all tabs of this user, with the queue kept. */
  sessionEnded(): void {
    this.link.send({ type: 'sessionEnded' });
    this.over(SIGNED_OUT);
    this.close();
  }
  close(): void {
    if (!this.failure) this.over(CLOSED);
    clearTimeout(this.tokenTimer);
    if (typeof window !== 'undefined') {
      window.removeEventListener('online', this.online);
      window.removeEventListener('offline', this.online);
      document.removeEventListener('visibilitychange', this.visible);
    }
    for (const entry of this.byKey.values()) clearTimeout(entry.idle);
    this.link.close();
  }
}

/** `db.leads`, `db.deals`, …: every collection by its key. */
export type CollectionHandles = { readonly [K in keyof Collections]: CollectionHandle<Collections[K]> };
export type SynclineDatabase = Database & CollectionHandles;

/** Opens the database of a signed-in user. Resolves at once; rows and connection follow. */
export async function connect(options: ConnectOptions): Promise<SynclineDatabase> {
  // A session that was opened offline has no token yet: the core asks for one when it reaches the server.
  const token = options.session.isOffline ? '' : await options.session.accessToken();
  const database = new Database(options.session, token, options);
  for (const { key } of schema.collections) {
    Object.defineProperty(database, key, { get: () => database.collection(key as keyof Collections & string) });
  }
  return database as SynclineDatabase;
}

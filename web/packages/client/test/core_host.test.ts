// One host serves all tabs of a user; when it is over, each of them hears so at once, and the next hello starts another.
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ArchiveWriter, newId } from '../src/archive.ts';
import { Draft, DraftAction, type SeenRow } from '../src/draft.ts';
import { readExplanation } from '../src/explanation.ts';
import { schema } from '../src/generated/schema.ts';
import { CoreHost } from '../src/host/core_host.ts';
import { HostSlot } from '../src/host/host_slot.ts';
import { ALL_ROWS, type DraftState, type HostMessage, type TabMessage } from '../src/host/messages.ts';
import { type TabLink, linkTab } from '../src/host/tab_link.ts';
import { openWebSocket, overWebSocket, type Transport } from '../src/host/transport.ts';
import { CoreDead, WasmCore } from '../src/host/wasm_core.ts';
import { mutatorOf, setErrorCodes, writeArguments, writeBases } from '../src/host/wire.ts';
import { newQuery } from '../src/query.ts';
import { LiveQuery } from '../src/live_query.ts';
import { makeDecoders, type Row } from '../src/records.ts';
import { rejection, welcome } from '../../../../tests/bench/client/frames.ts';
import { FaultyStore } from './faulty_store.ts';

const user = newId();
// Nobody listens on port 9: the core stays offline, as in a browser without a network.
const url = 'http://127.0.0.1:9';
let module: WebAssembly.Module;
let store: FaultyStore;
let slot: HostSlot;
let starts: number;

class TestTab {
  readonly heard: HostMessage[] = [];
  readonly link: TabLink;
  /** `again`: it had another host before. `breakingOn`: this message cannot be delivered, as when a bug puts into it what cannot be cloned. */
  constructor(breakingOn?: HostMessage['type'], again = false) {
    const post = (message: HostMessage): void => {
      if (message.type === breakingOn) throw new Error('a bug');
      this.heard.push(message);
    };
    this.link = linkTab({ direct: false, post }, slot);
    this.link.receive({ type: 'hello', lock: '', url, wasm: '', user, role: 'manager', token: 'none', again });
  }
  send(message: TabMessage): void {
    this.link.receive(message);
  }
  async hears<T extends HostMessage['type']>(type: T): Promise<Extract<HostMessage, { type: T }>> {
    return vi.waitFor(() => {
      const found = this.heard.find((message) => message.type === type);
      if (!found) throw new Error(`no ${type} among ${this.heard.map((message) => message.type).join(', ')}`);
      return found as Extract<HostMessage, { type: T }>;
    });
  }
  /** A change of the user's. */
  mutate(origin?: string, { id = newId(), name = 'Offline lead', accepted = false } = {}): void {
    const out = new ArchiveWriter();
    const mutator = mutatorOf(schema, 'crm.leads.insert');
    out.text(mutator.name);
    writeArguments(out, mutator, { id, name });
    writeBases(out, schema, []);
    this.send({ type: 'mutate', call: 1, bytes: out.finish(), ...(origin !== undefined && { origin }), ...(accepted && { accepted }) });
  }
}

beforeAll(async () => {
  setErrorCodes(schema.errorCodes);
  module = await WebAssembly.compile(readFileSync(new URL('../../../app/public/syncline.wasm', import.meta.url)));
});
beforeEach(() => {
  store = new FaultyStore();
  starts = 0;
  slot = new HostSlot(async () => {
    starts++;
    return CoreHost.start({
      schema, core: await WasmCore.load(module), outbox: store, transport: (events) => overWebSocket(openWebSocket(url), events),
      client: newId(), user, role: 'manager', seed: 1n,
    });
  });
});
afterEach(async () => {
  // Ends the core's timers and socket.
  await slot.forget(user, true);
  vi.restoreAllMocks();
});

describe('a sign-out in one tab', () => {
  it('is heard in the others at once, before storage has answered', async () => {
    const [here, there] = [new TestTab(), new TestTab()];
    await Promise.all([here.hears('connection'), there.hears('connection')]);
    let open = (): void => undefined;
    store.gate = new Promise<void>((resolve) => (open = resolve));
    here.send({ type: 'logout', discard: true });
    expect(there.heard.at(-1)).toEqual({ type: 'ended', reason: 'signedOut' });
    expect(here.heard.map(({ type }) => type)).not.toContain('loggedOut');
    open();
    expect(await here.hears('loggedOut')).toEqual({ type: 'loggedOut', cleared: true });
  });

  it('is followed by a sign-in in any tab, on a new host that waits for the old one to be done with storage', async () => {
    const [here, there] = [new TestTab(), new TestTab()];
    await Promise.all([here.hears('connection'), there.hears('connection')]);
    let open = (): void => undefined;
    store.gate = new Promise<void>((resolve) => (open = resolve));
    here.send({ type: 'logout', discard: false });
    const again = new TestTab();
    await vi.waitFor(() => expect(store.tries.clear).toBe(1));
    expect(starts).toBe(1);
    open();
    await again.hears('connection');
    expect(starts).toBe(2);
    again.send({ type: 'subscribe', query: 1, bytes: newQuery(schema, schema.collections.find((each) => each.name === 'leads')!).bytes, window: ALL_ROWS });
    await again.hears('updates');
    // What the old tabs still say reaches nobody.
    there.send({ type: 'logout', discard: true });
    there.send({ type: 'sessionEnded' });
    await there.hears('loggedOut');
    await new TestTab().hears('connection');
    expect(again.heard.map(({ type }) => type)).not.toContain('ended');
    expect({ starts, clears: store.tries.clear }).toEqual({ starts: 2, clears: 1 });
  });

  it.each([[false, 1], [true, 0]])('with discard %s leaves %i queued changes and no rows', async (discard, left) => {
    const tab = new TestTab();
    await tab.hears('connection');
    tab.mutate();
    await vi.waitFor(() => expect(store.mutations.size).toBe(1));
    store.rows = new Uint8Array(1);
    tab.send({ type: 'logout', discard });
    await tab.hears('loggedOut');
    expect(store.mutations.size).toBe(left);
    expect(store.rows).toBeNull();
  });

  it('says so when storage refused', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const tab = new TestTab();
    await tab.hears('connection');
    store.refusing.add('clear');
    tab.send({ type: 'logout', discard: true });
    expect(await tab.hears('loggedOut')).toEqual({ type: 'loggedOut', cleared: false });
    store.refusing.clear();
  });
});

it('a session that the server ended is over in all tabs, with the queue kept', async () => {
  const [here, there] = [new TestTab(), new TestTab()];
  await Promise.all([here.hears('connection'), there.hears('connection')]);
  here.mutate();
  await vi.waitFor(() => expect(store.mutations.size).toBe(1));
  here.send({ type: 'sessionEnded' });
  expect(there.heard.at(-1)).toEqual({ type: 'ended', reason: 'sessionEnded' });
  await vi.waitFor(() => expect(store.tries.clear).toBe(1));
  expect(store.mutations.size).toBe(1);
});

it('a change that storage refused is told to every tab, and the core works on', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  store.refusing.add('put');
  const [here, there] = [new TestTab(), new TestTab()];
  await Promise.all([here.hears('connection'), there.hears('connection')]);
  here.mutate();
  await vi.waitFor(() => {
    const told = there.heard.filter((message) => message.type === 'connection').at(-1);
    expect(told?.connection).toMatchObject({ durable: false, pending: 1 });
  });
});

it('a change is taken back and done again, and every tab knows what can be', async () => {
  const [first, second] = [new TestTab(), new TestTab()];
  await second.hears('connection');
  const told = async (undoable: number, redoable: number): Promise<void> => {
    await vi.waitFor(() => expect(second.heard.findLast((message) => message.type === 'connection')?.connection).toMatchObject({ undoable, redoable }));
  };
  first.mutate();
  await told(1, 0);
  first.send({ type: 'undo', call: 2, redo: false });
  await told(0, 1);
  first.send({ type: 'undo', call: 3, redo: false });
  await vi.waitFor(() => expect(first.heard.findLast((message) => message.type === 'answer')).toMatchObject({ call: 3, error: { message: 'There is nothing to undo.' } }));
  first.send({ type: 'undo', call: 4, redo: true });
  await told(1, 0);
});

it('a draft has values and errors, and is one change when it is committed', async () => {
  const [tab, other] = [new TestTab(), new TestTab()];
  await other.hears('connection');
  const leads = schema.collections.find((each) => each.key === 'leads')!;
  const id = newId();
  const insert = new ArchiveWriter();
  const mutator = mutatorOf(schema, 'crm.leads.insert');
  insert.text(mutator.name);
  writeArguments(insert, mutator, { id, name: 'Before' });
  writeBases(insert, schema, []);
  tab.send({ type: 'mutate', call: 1, bytes: insert.finish() });
  let sent = 1;
  const states: DraftState[] = [];
  const draft = new Draft(leads, id, {
    send: (action, bytes) => tab.send({ type: 'draft', call: 0, draft: 7, action, bytes }),
    commit: (bytes) => {
      tab.send({ type: 'draft', call: ++sent, draft: 7, action: DraftAction.commit, bytes });
      return undefined as never;
    },
    closed: () => undefined,
  });
  const told = (): DraftState | undefined => {
    const heard = tab.heard.filter((message) => message.type === 'drafts').flatMap(({ drafts }) => drafts.map(({ state }) => state));
    states.splice(0, states.length, ...heard);
    return states.at(-1);
  };
  draft.open();
  draft.set('name', '');
  await vi.waitFor(() => expect(told()?.fields['name']).toMatchObject({ value: '', error: { message: expect.any(String) as string }, conflict: false }));
  draft.commit();
  await vi.waitFor(() => expect(tab.heard.findLast((message) => message.type === 'answer')).toMatchObject({ call: 2, error: { fields: [{ field: 'name' }] } }));
  draft.set('name', 'After');
  await vi.waitFor(() => expect(told()?.fields['name']).toMatchObject({ value: 'After' }));
  draft.commit();
  await vi.waitFor(() => expect(told()?.fields).toEqual({}));
  expect(other.heard.filter((message) => message.type === 'drafts')).toEqual([]);
  draft.close();
});

it('what a tab shows is what the next host holds, and not twice', async () => {
  const leads = schema.collections.find((each) => each.name === 'leads')!;
  const asked = newQuery<Row>(schema, leads).orderBy('name');
  const owner = { wanted: () => undefined, idle: () => undefined, moved: () => undefined };
  const live = new LiveQuery<Row>(asked, ALL_ROWS, makeDecoders(schema), owner);
  const look = async (tab: TestTab, names: readonly string[]): Promise<void> => {
    await vi.waitFor(() => {
      for (const { updates } of tab.heard.splice(0).filter((message) => message.type === 'updates')) for (const update of updates) live.apply(update);
      tab.send({ type: 'painted' });
      expect(live.rows.map((row) => row['name'])).toEqual(names);
    });
  };
  const before = new TestTab();
  before.send({ type: 'subscribe', query: 5, bytes: asked.bytes, window: ALL_ROWS });
  await before.hears('connection');
  for (const name of ['Ann', 'Bob']) before.mutate(`tab:${name}`, { name });
  await look(before, ['Ann', 'Bob']);
  await vi.waitFor(() => expect(store.mutations.size).toBe(2));
  const [ann] = live.rows;
  await slot.leave();
  const after = new TestTab();
  after.send({ type: 'subscribe', query: 5, bytes: asked.bytes, window: ALL_ROWS });
  await look(after, ['Ann', 'Bob']);
  expect(live.rows[0], 'React skips what is the same').toBe(ann);
  after.mutate('tab:Bea', { name: 'Bea' });
  await look(after, ['Ann', 'Bea', 'Bob']);
});

it('an engine that fails while rows are handed over tells every tab so', async () => {
  const tab = new TestTab();
  await tab.hears('connection');
  vi.spyOn(WasmCore.prototype, 'window').mockImplementation(() => {
    throw new CoreDead({ code: 'internal', message: 'out of memory', fields: [] });
  });
  tab.send({ type: 'subscribe', query: 5, bytes: newQuery(schema, schema.collections.find((each) => each.name === 'leads')!).bytes, window: ALL_ROWS });
  expect((await tab.hears('failed')).error.message).toBe('out of memory');
});

it('tells what a live query is, and nothing of one that nobody watches', async () => {
  const tab = new TestTab();
  await tab.hears('connection');
  tab.mutate();
  const leads = schema.collections.find((each) => each.name === 'leads')!;
  const query = newQuery<Row>(schema, leads).where('name', '=', 'Offline lead');
  tab.send({ type: 'subscribe', query: 5, bytes: query.bytes, window: ALL_ROWS });
  tab.send({ type: 'explain', call: 7, query: 5 });
  const { call, facts } = await tab.hears('explained');
  expect(call).toBe(7);
  expect(readExplanation(facts!, leads)).toEqual({
    status: 'partial', routedBy: 'equality', field: 'name', pending: true, rows: 1, held: 0, bytes: 0, hydrated: 1, routed: 0, altered: 0, mismatches: 0,
  });
  tab.send({ type: 'explain', call: 8, query: 6 });
  expect(tab.heard.at(-1)).toEqual({ type: 'explained', call: 8, facts: null });
});

it('tells how each draft of a tab stands when that has asked for all again, also where there is nothing new', async () => {
  const [tab, other] = [new TestTab(), new TestTab()];
  await other.hears('connection');
  const leads = schema.collections.find((each) => each.key === 'leads')!;
  const bytes = new ArchiveWriter().u16(leads.id).id(newId()).u16(0).u8(0).u64(0).finish();
  for (const draft of [7, 8]) tab.send({ type: 'draft', call: 0, draft, action: DraftAction.edit, bytes });
  other.send({ type: 'draft', call: 0, draft: 9, action: DraftAction.edit, bytes });
  tab.send({ type: 'askedAgain' });
  const state = { deleted: false, fields: {}, error: null };
  expect(tab.heard.slice(-2)).toEqual([{ type: 'drafts', drafts: [{ draft: 7, state }, { draft: 8, state }] }, { type: 'askedAgain' }]);
});

describe('a change that says where it comes from', () => {
  it('is told to be stored when it is, and not before', async () => {
    const tab = new TestTab();
    await tab.hears('connection');
    let open = (): void => undefined;
    store.gate = new Promise<void>((resolve) => (open = resolve));
    tab.mutate('tab:1');
    await tab.hears('answer');
    await vi.waitFor(() => expect(store.tries.put).toBe(1));
    expect(tab.heard.map(({ type }) => type)).not.toContain('stored');
    open();
    expect(await tab.hears('stored')).toEqual({ type: 'stored', call: 1 });
  });

  it('is never told to be stored where storage refused it', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    store.refusing.add('put');
    const tab = new TestTab();
    await tab.hears('connection');
    tab.mutate('tab:1');
    await vi.waitFor(() => expect(tab.heard).toContainEqual({ type: 'connection', connection: expect.objectContaining({ durable: false }) }));
    expect(tab.heard.map(({ type }) => type)).not.toContain('stored');
  });

  it('runs once, however many hosts are asked for it', async () => {
    const before = new TestTab();
    await before.hears('connection');
    before.mutate('tab:1');
    await before.hears('stored');
    await slot.leave();
    const after = new TestTab();
    after.mutate('tab:1');
    const { mutationId } = await after.hears('answer');
    expect(mutationId).toEqual((await before.hears('answer')).mutationId);
    await after.hears('stored');
    expect({ starts, stored: store.mutations.size }).toEqual({ starts: 2, stored: 1 });
    // The host that was left says and writes nothing more.
    const said = before.heard.length;
    before.mutate('tab:2');
    expect({ said: before.heard.length, stored: store.mutations.size }).toEqual({ said, stored: 1 });
  });

  it('is refused by the server alone where an earlier host had accepted it: it is kept until then', async () => {
    const tab = new TestTab();
    await tab.hears('connection');
    tab.mutate('tab:1', { name: '' });
    expect(await tab.hears('answer')).toMatchObject({ error: { code: 'required' } });
    tab.heard.length = 0;
    tab.mutate('tab:1', { name: '', accepted: true });
    expect(await tab.hears('answer')).toMatchObject({ mutationId: { sequence: 1 }, error: null });
    await tab.hears('stored');
    expect([...store.mutations.values()].map(({ name }) => name)).toEqual(['crm.leads.insert']);
  });
});

it('a change of a tab that is gone before it is stored holds nobody up', async () => {
  const here = new TestTab();
  await here.hears('connection');
  const gone = new TestTab('stored');
  await gone.hears('connection');
  let open = (): void => undefined;
  store.gate = new Promise<void>((resolve) => (open = resolve));
  gone.mutate('gone:1');
  await gone.hears('answer');
  gone.link.close();
  open();
  here.mutate('here:1');
  await here.hears('stored');
  expect(here.heard.map(({ type }) => type)).not.toContain('failed');
  expect(store.mutations.size).toBe(2);
});

it('a queued change that this version has no name for is kept as refused, and the others go on', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const client = newId();
  const queued = (sequence: number, name: string): void =>
    void store.mutations.set(`${client}:${sequence}`, { client, sequence, name, args: { id: newId(), name: 'Ann', shoeSize: 43 }, bases: [], createdAt: 5 });
  queued(1, 'crm.leads.polish');
  queued(2, 'crm.leads.insert');
  store.mutations.set(`${client}:3`, { client, sequence: 3, name: 'crm.leads.insert', args: { id: newId(), name: 'Bob' }, bases: [], createdAt: 5 });
  const tab = new TestTab();
  const { refused } = await tab.hears('refused');
  expect(refused.map(({ sequence, args, verdict }) => [sequence, args['shoeSize'], verdict.error?.code])).toEqual([[1, 43, 'unknown_mutator'], [2, 43, 'unknown_mutator']]);
  expect((await tab.hears('connection')).connection.pending).toBe(1);
  await vi.waitFor(() => expect([...store.mutations.values()].map(({ sequence }) => sequence)).toEqual([3]));
  tab.send({ type: 'discard', id: { client, sequence: 1 } });
  await vi.waitFor(() => expect([...store.refused.values()].map(({ sequence }) => sequence)).toEqual([2]));
});

describe('after the core has failed', () => {
  it('twice within minutes, the next one starts without the rows, and the queue stays', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const first = new TestTab();
    first.mutate('tab:1');
    await first.hears('stored');
    await slot.leave();
    for (const traps of [[Date.now() - 20 * 60_000, Date.now()], [Date.now() - 60_000, Date.now()]]) {
      store.rows = new Uint8Array([1, 2, 3]);
      store.traps = traps;
      const tab = new TestTab();
      expect((await tab.hears('connection')).connection.pending).toBe(1);
      const dropped = traps[0]! > Date.now() - 10 * 60_000;
      await vi.waitFor(() => expect({ rows: store.rows === null, traps: store.traps.length }).toEqual({ rows: dropped, traps: dropped ? 0 : 2 }));
      await slot.leave();
    }
  });

  it('the next one knows', async () => {
    const tab = new TestTab('answer');
    await tab.hears('connection');
    tab.mutate('tab:1');
    await tab.hears('failed');
    await vi.waitFor(() => expect(store.traps).toHaveLength(1));
  });
});

it('an undo that a host had answered, and lost before it was stored, is done by the next one as the change that it became', async () => {
  const before = new TestTab();
  before.mutate('tab:1');
  await before.hears('stored');
  store.gate = new Promise<void>(() => undefined);
  before.send({ type: 'undo', call: 2, redo: false, origin: 'tab:2' });
  const { made } = await commitAnswer(before);
  store.gate = null;
  await slot.leave();
  expect([...store.mutations.values()].map(({ name }) => name)).toEqual(['crm.leads.insert']);
  const after = new TestTab();
  after.send({ type: 'mutate', call: 2, bytes: made!, origin: 'tab:2', accepted: true, undo: true });
  expect(await commitAnswer(after)).toMatchObject({ error: null });
  await vi.waitFor(() => expect(after.heard).toContainEqual({ type: 'stored', call: 2 }));
  expect([...store.mutations.values()].map(({ name }) => name)).toEqual(['crm.leads.insert', 'crm.leads.remove']);
});

/** Asks the host for the commit of a draft in which a lead got this name; `call` is 2. */
function commitName(tab: TestTab, lead: string, name: string, accepted = false): void {
  const leads = schema.collections.find((each) => each.key === 'leads')!;
  const commit = { action: DraftAction.commit, call: 2, origin: 'tab:2', ...(accepted && { accepted }) };
  const draft = new Draft(leads, { id: lead, version: 0, name: 'Before' } as SeenRow, {
    send: (action, bytes) => tab.send({ type: 'draft', call: 0, draft: 7, action, bytes }),
    commit: (bytes) => {
      tab.send({ type: 'draft', draft: 7, bytes, ...commit });
      return undefined as never;
    },
    closed: () => undefined,
  });
  draft.open();
  draft.set('name', name);
  draft.commit();
}
const commitAnswer = (tab: TestTab) => vi.waitFor(() => {
  const found = tab.heard.find((message) => message.type === 'answer' && message.call === 2);
  expect(found).toBeDefined();
  return found as Extract<HostMessage, { type: 'answer' }>;
});

it('a commit that an earlier host had accepted is refused by the server alone', async () => {
  const lead = newId();
  const tab = new TestTab();
  tab.mutate('tab:1', { id: lead });
  await tab.hears('stored');
  commitName(tab, lead, '');
  expect(await commitAnswer(tab)).toMatchObject({ error: { code: 'invalid' } });
  tab.heard.length = 0;
  commitName(tab, lead, '', true);
  expect(await commitAnswer(tab)).toMatchObject({ mutationId: { sequence: 2 }, error: null });
  await vi.waitFor(() => expect(tab.heard).toContainEqual({ type: 'stored', call: 2 }));
  expect([...store.mutations.values()].map(({ name }) => name)).toEqual(['crm.leads.insert', 'crm.leads.update']);
});

it('a commit runs once, however many hosts are asked for it', async () => {
  const lead = newId();
  const before = new TestTab();
  before.mutate('tab:1', { id: lead, name: 'Before' });
  commitName(before, lead, 'After');
  const first = await commitAnswer(before);
  await vi.waitFor(() => expect(before.heard).toContainEqual({ type: 'stored', call: 2 }));
  await slot.leave();
  const after = new TestTab();
  commitName(after, lead, 'After');
  for (const answer of [first, await commitAnswer(after)]) expect(answer).toMatchObject({ error: null, mutationId: { sequence: 2 } });
  await vi.waitFor(() => expect(after.heard).toContainEqual({ type: 'stored', call: 2 }));
  expect({ starts, stored: store.mutations.size }).toEqual({ starts: 2, stored: 2 });
  expect(after.heard.findLast((message) => message.type === 'drafts')).toMatchObject({ drafts: [{ state: { fields: {} } }] });
});

describe('a host that comes after others', () => {
  it('tells that nothing is refused any more', async () => {
    expect(await new TestTab().hears('refused')).toEqual({ type: 'refused', refused: [] });
  });

  it('names their ids to the server, also when nothing of them is left in the queue', async () => {
    const hellos: string[] = [];
    const transport: Transport = (events) => {
      queueMicrotask(() => events.opened());
      return { send: (frame) => void hellos.push(Buffer.from(frame).toString('hex')), close: () => undefined };
    };
    const clients = [newId(), newId(), newId()];
    for (const client of clients) {
      slot = new HostSlot(async () => CoreHost.start({
        schema, core: await WasmCore.load(module), outbox: store, transport, client, user, role: 'manager', seed: 1n,
      }));
      await new TestTab().hears('connection');
      await vi.waitFor(() => expect(hellos.at(-1)).toContain(client.replaceAll('-', '')));
      await slot.leave();
    }
    expect(store.clients).toEqual(clients);
    expect(store.mutations.size).toBe(0);
    const last = hellos.at(-1)!;
    expect(clients.filter((client) => last.includes(client.replaceAll('-', '')))).toEqual(clients);
  });
});

describe('changes that go on under another client id', () => {
  let events: Parameters<Transport>[0];
  /** The server forgot the client: it answers the hello so. */
  const forgotten = (): void => {
    const code = schema.errorCodes.indexOf('client_expired');
    events.received(new ArchiveWriter().u8(4).u16(code).text('Unknown.').u32(0).finish());
  };
  const start = async (): Promise<{ tab: TestTab; before: string[] }> => {
    slot = new HostSlot(async () => CoreHost.start({
      schema, core: await WasmCore.load(module), outbox: store, client: newId(), user, role: 'manager', seed: 1n,
      transport: (given) => {
        events = given;
        queueMicrotask(() => given.opened());
        return { send: () => undefined, close: () => undefined };
      },
    }));
    const tab = new TestTab();
    await tab.hears('connection');
    tab.mutate('tab:1');
    tab.mutate('tab:2');
    await vi.waitFor(() => expect(store.mutations.size).toBe(2));
    return { tab, before: [...store.mutations.keys()] };
  };

  it('take the place of what they were, each in one write', async () => {
    const { before } = await start();
    forgotten();
    await vi.waitFor(() => expect(store.tries.put).toBe(4));
    await vi.waitFor(() => expect([...store.mutations.keys()].filter((id) => before.includes(id))).toEqual([]));
    expect([store.mutations.size, store.tries.remove]).toEqual([2, 0]);
    expect([...store.mutations.values()].map(({ origins }) => origins)).toEqual([['tab:1'], ['tab:2']]);
  });

  it('are both what they were where storage refuses', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { before } = await start();
    store.refusing.add('put');
    forgotten();
    await vi.waitFor(() => expect(store.tries.put).toBe(4));
    expect([...store.mutations.keys()]).toEqual(before);
  });
});

it('a tab that comes to the next host late hears what was judged before it came, and a new one does not', async () => {
  const client = newId();
  store.mutations.set(`${client}:1`, { client, sequence: 1, name: 'crm.leads.insert', args: { id: newId(), name: 'Ann' }, bases: [], createdAt: 5 });
  slot = new HostSlot(async () => CoreHost.start({
    schema, core: await WasmCore.load(module), outbox: store, client: newId(), user, role: 'manager', seed: 1n,
    transport: (events) => {
      queueMicrotask(() => events.opened());
      const answers = [welcome(user), rejection(1, Uint8Array.from(Buffer.from(client.replaceAll('-', ''), 'hex')), 1)];
      return { send: () => void queueMicrotask(() => answers.length > 0 && events.received(answers.shift()!)), close: () => undefined };
    },
  }));
  const first = new TestTab();
  const { settled } = await first.hears('settled');
  expect([settled.mutationId, settled.verdict.outcome]).toEqual([{ client, sequence: 1 }, 'rejected']);
  const fresh = new TestTab();
  const late = new TestTab(undefined, true);
  expect((await late.hears('settled')).settled).toEqual(settled);
  await fresh.hears('connection');
  expect(fresh.heard.map(({ type }) => type)).not.toContain('settled');
});

describe('a host that a bug has ended', () => {
  it('is left by the next hello, and may still be signed out of', async () => {
    const tab = new TestTab('answer');
    await tab.hears('connection');
    tab.mutate();
    expect((await tab.hears('failed')).error.message).toContain('a bug');
    const next = new TestTab();
    await next.hears('connection');
    expect(starts).toBe(2);
    tab.send({ type: 'logout', discard: true });
    expect(await tab.hears('loggedOut')).toEqual({ type: 'loggedOut', cleared: true });
    expect(next.heard.at(-1)).toEqual({ type: 'ended', reason: 'signedOut' });
  });
});

// What an application is promised of a change, whatever becomes of the engine.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ArchiveReader, newId } from '../src/archive.ts';
import type { HostLink } from '../src/host/connect_host.ts';
import type { HostMessage, TabMessage } from '../src/host/messages.ts';
import { failedUpdate } from '../src/host/subscription.ts';
import { connect, type MutationHandle, MutationRefused, Session, type SynclineDatabase } from '../src/index.ts';
import { readValue } from '../src/value.ts';

const wasm = new WebAssembly.Module(readFileSync(new URL('../../../app/public/syncline.wasm', import.meta.url)));
const failed: HostMessage = { type: 'failed', error: { code: 'internal', message: 'a bug', fields: [] } };
let db: SynclineDatabase;

beforeEach(async () => {
  const user = { id: newId(), name: 'Ann', email: 'ann@example.com', role: 'manager' };
  const session = new Session('http://test.invalid', { accessToken: 'test', expiresIn: 1_000, user });
  // Nobody answers: the core stays offline.
  db = await connect({ session, host: 'inline', wasm, transport: () => ({ send: () => undefined, close: () => undefined }) });
});
afterEach(() => {
  vi.useRealTimers();
  db.close();
});

const hear = (message: HostMessage): void => (db as unknown as { receive(message: HostMessage): void }).receive(message);
const explained = (): Promise<unknown> => db.explain(db.leads.all());

it('a record that is inserted has an id that is said with the change, and not made of its number', async () => {
  const { link } = db as unknown as { link: HostLink };
  const sent: TabMessage[] = [];
  const send = link.send.bind(link);
  vi.spyOn(link, 'send').mockImplementation((message) => {
    sent.push(message);
    send(message);
  });
  const { result } = await db.leads.insert({ name: 'Bob' }).local;
  const { bytes } = sent.find((message) => message.type === 'mutate')!;
  const input = new ArchiveReader(bytes);
  expect(input.text()).toBe('crm.leads.insert');
  const args = Object.fromEntries(input.list(() => {
    const field = input.u16();
    input.u8();
    return [field, readValue(input, null)];
  }));
  expect(args[0]).toBe(result['id']);
  const own = newId();
  expect((await db.leads.insert({ id: own, name: 'Cid' }).local).result['id']).toBe(own);
});

it('who takes a change back hears which change that is', async () => {
  const made = await db.leads.insert({ name: 'Bob' }).local;
  const id = String(made.result['id']);
  expect(made.change).toBeNull();
  await db.leads.update(id, { name: 'Rob' }).local;
  const heard = async (handle: MutationHandle) => (await handle.local).change;
  expect(await heard(db.undo())).toMatchObject({ name: 'crm.leads.update', args: { id, name: 'Bob' } });
  expect(await heard(db.redo())).toMatchObject({ name: 'crm.leads.update', args: { id, name: 'Rob' } });
  expect(await heard(db.undo())).toMatchObject({ args: { id, name: 'Bob' } });
  expect(await heard(db.undo())).toMatchObject({ name: 'crm.leads.remove', args: { id } });
});

it('of an engine that has failed nobody waits for an answer', async () => {
  const before = db.leads.insert({ name: 'Bob' });
  await before.local;
  hear(failed);
  await expect(before.settled).rejects.toThrow(MutationRefused);
  const after = db.leads.insert({ name: 'Cid' });
  await expect(after.local).rejects.toThrow('a bug');
  await expect(after.settled).rejects.toThrow('a bug');
});

it.each([
  ['closed', () => db.close(), 'closed'],
  ['signed out of by the server', () => db.sessionEnded(), 'signed out'],
  ['signed out of in another tab', () => hear({ type: 'ended', reason: 'signedOut' }), 'signed out'],
] as const)('of a database that is %s nobody waits for an answer', async (_, end, why) => {
  const before = db.leads.insert({ name: 'Bob' });
  await before.local;
  const asked = db.leads.insert({ name: 'Cid' });
  end();
  await expect(before.settled).rejects.toThrow(why);
  await expect(asked.settled).rejects.toThrow(why);
  await expect(db.undo().local).rejects.toThrow(why);
  expect(await db.explain(db.leads.all())).toBeNull();
});

it('a query that nobody read for a while is live again for who reads it then', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const live = db.watch(db.leads.all());
  live.subscribe(() => undefined)();
  vi.advanceTimersByTime(31_000);
  expect(await explained(), 'it was let go of').toBeNull();
  await db.leads.insert({ name: 'Bob' }).local;
  expect(live.rows).toEqual([]);
  let told = 0;
  live.subscribe(() => told++);
  await vi.waitFor(() => expect(live.rows.map(({ name }) => name)).toEqual(['Bob']));
  expect(told).toBeGreaterThan(0);
  expect(db.watch(db.leads.all())).toBe(live);
  await db.leads.insert({ name: 'Cid' }).local;
  await vi.waitFor(() => expect(live.rows).toHaveLength(2));
});

it('a query that failed is asked again by its next reader, and by no other', async () => {
  const { link } = db as unknown as { link: HostLink };
  const live = db.watch(db.leads.all());
  const stop = live.subscribe(() => undefined);
  const send = vi.spyOn(link, 'send');
  const number = [...(db as unknown as { byNumber: Map<number, unknown> }).byNumber.keys()].at(-1)!;
  hear({ type: 'updates', updates: [failedUpdate(number, { code: 'forbidden', message: 'No.', fields: [] })] });
  expect([live.status, live.result.error?.code]).toEqual(['error', 'forbidden']);
  live.subscribe(() => undefined)();
  expect(send).not.toHaveBeenCalled();
  stop();
  live.subscribe(() => undefined);
  expect(send.mock.calls.map(([message]) => message.type)).toEqual(['unsubscribe', 'subscribe']);
  expect([live.status, live.result.error]).toEqual(['loading', null]);
});

it('a listener may let go of a query that has not been told yet', async () => {
  const inside = db as unknown as { link: HostLink; byNumber: Map<number, unknown> };
  const failure = vi.fn();
  db.onFailure(failure);
  const queries = [db.watch(db.leads.all()), db.watch(db.leads.orderBy('name')), db.watch(db.leads.orderBy('name', 'desc'))];
  const numbers = queries.map((live) => [...inside.byNumber].find(([, each]) => each === live)![0]);
  await vi.waitFor(() => expect(queries.map(({ rows }) => rows)).toEqual([[], [], []]));
  await db.leads.insert({ name: 'Bob' }).local;
  queries[0]!.subscribe(() => inside.link.send({ type: 'unsubscribe', query: numbers[1]! }));
  await db.leads.insert({ name: 'Ann' }).local;
  expect(queries.map(({ rows }) => rows.map(({ name }) => name).sort())).toEqual([['Ann', 'Bob'], ['Bob'], ['Ann', 'Bob']]);
  expect(failure).not.toHaveBeenCalled();
});

it('what a listener does is told after what it has heard, to every query', async () => {
  const [first, second] = [db.watch(db.leads.all()), db.watch(db.leads.orderBy('name'))];
  const heard: string[] = [];
  let more = true;
  first.subscribe(() => {
    heard.push(`first ${first.rows.length}`);
    if (more && first.rows.length === 1) {
      more = false;
      void db.leads.insert({ name: 'Ann' });
    }
  });
  second.subscribe(() => heard.push(`second ${second.rows.map(({ name }) => name).join(' ')}`));
  await db.leads.insert({ name: 'Bob' }).local;
  expect(heard.at(-1)).toBe('first 2');
  expect(heard.filter((each) => each.startsWith('second')).at(-1)).toBe('second Ann Bob');
});

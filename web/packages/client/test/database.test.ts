// What an application is promised of a change, whatever becomes of the engine.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ArchiveReader, newId } from '../src/archive.ts';
import type { HostLink } from '../src/host/connect_host.ts';
import type { HostMessage, TabMessage } from '../src/host/messages.ts';
import { connect, MutationRefused, Session, type SynclineDatabase } from '../src/index.ts';
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
afterEach(() => db.close());

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

it('of an engine that has failed nobody waits for an answer', async () => {
  const before = db.leads.insert({ name: 'Bob' });
  await before.local;
  (db as unknown as { receive(message: HostMessage): void }).receive(failed);
  await expect(before.settled).rejects.toThrow(MutationRefused);
  const after = db.leads.insert({ name: 'Cid' });
  await expect(after.local).rejects.toThrow('a bug');
  await expect(after.settled).rejects.toThrow('a bug');
});

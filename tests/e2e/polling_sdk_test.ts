// The SDK without a browser, beside programs that hold a WebSocket: by polling it hears and says the same, whatever is cut on the
// way, and moves over to a WebSocket as soon as one opens.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { connect, login, type SynclineDatabase } from '../../web/packages/client/src/index.ts';
import { ChangeLog } from './support/change_log.ts';
import { FaultProxy } from './support/fault_proxy.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

const CHANGES = 25;

let server: TestServer;
let proxy: FaultProxy;
let rest: RestClient;
let log: ChangeLog;
let wasm: WebAssembly.Module;
let db: SynclineDatabase;

beforeAll(async () => {
  server = await TestServer.start();
  proxy = await FaultProxy.start(server.port);
  rest = await RestClient.login(server.url, admin);
  log = await ChangeLog.listen(server.url, ['leads']);
  wasm = await WebAssembly.compile(readFileSync(fileURLToPath(new URL('../../web/app/public/syncline.wasm', import.meta.url))));
});
afterAll(async () => {
  log?.close();
  await proxy?.stop();
  await server?.stop();
});
afterEach(() => {
  db?.close();
  proxy.restore();
});

const newLead = async (name: string) => String((await rest.call('POST', '/api/crm/leads', { name })).body['id']);
const carried = (by: 'websocket' | 'poll') =>
  until(`connected by ${by}`, () => db.connection.state === 'connected' && db.connection.transport === by, 40_000);
async function open(): Promise<void> {
  const session = await login(proxy.url, manager.email, manager.password);
  db = await connect({ session, host: 'inline', wasm });
}

it('answers that are cut lose and double nothing, either way', async () => {
  proxy.blockUpgrades();
  await open();
  await carried('poll');
  const lead = await newLead('Cut');
  const live = db.watch(db.leads.where('id', '=', lead));
  const shown = (): Record<string, unknown> => (live.rows[0] ?? {}) as Record<string, unknown>;
  live.subscribe(() => undefined);
  await until('the lead is there', () => shown()['name'] === 'Cut');
  for (let i = 1; i <= CHANGES; i++) {
    const cut = proxy.cutNextAnswer('POST /api/sync', i);
    const settled = db.leads.update(lead, { score: i } as never).settled;
    await cut;
    expect((await settled).outcome).toBe('applied');
    if (i % 5 === 0) {
      const told = proxy.cutNextAnswer('POST /api/sync', 2 * i);
      await rest.call('PATCH', `/api/crm/leads/${lead}`, { jobTitle: `Job ${i}` });
      await told;
      await until('the news has come', () => shown()['jobTitle'] === `Job ${i}`);
    }
  }
  expect(log.values(lead, 'score').filter((value) => value !== null)).toEqual(Array.from({ length: CHANGES }, (_, i) => i + 1));
  expect(db.connection.transport).toBe('poll');
}, 180_000);

it('where waiting requests are cut it asks every 5 s; when WebSockets pass again it moves over with what waits', async () => {
  proxy.blockUpgrades();
  await open();
  await carried('poll');
  const lead = await newLead('Short');
  proxy.cutAnswersAfter(2_000);
  await until('long requests are given up', () => db.connection.refreshSeconds === 5, 40_000);
  expect((await db.leads.update(lead, { jobTitle: 'Asked' } as never).settled).outcome).toBe('applied');
  proxy.restore();
  const settled = db.leads.update(lead, { companyName: 'On the way Ltd' } as never).settled;
  db.retryNow();
  await carried('websocket');
  expect(db.connection.refreshSeconds).toBeNull();
  expect((await settled).outcome).toBe('applied');
  await until('the polled connection is over', async () => (await rest.metric('syncline_polled_sessions')) === 0);
  expect(log.values(lead, 'companyName').filter((value) => value !== null)).toEqual(['On the way Ltd']);
}, 120_000);

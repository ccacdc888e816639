// A browser that misses a change though its connection lives: the next heartbeat's signature shows it, and what was missed is
// fetched and counted.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { connect, login, type Transport } from '../../web/packages/client/src/index.ts';
import { openWebSocket, overWebSocket } from '../../web/packages/client/src/host/transport.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

const POKE = 1;
const HEARTBEAT_MS = 30_000;

it('a change that was lost on the way is fetched by the next heartbeat, and both sides count it', async () => {
  const server = await TestServer.start();
  const rest = await RestClient.login(server.url, admin);
  const wasm = await WebAssembly.compile(readFileSync(fileURLToPath(new URL('../../web/app/public/syncline.wasm', import.meta.url))));
  let lost: number | null = null;
  const transport: Transport = (events) => overWebSocket(openWebSocket(server.url), {
    opened: () => events.opened(),
    closed: () => events.closed(),
    received: (frame) => {
      if (lost !== null && frame[0] === POKE) lost++;
      else events.received(frame);
    },
  });
  const db = await connect({ session: await login(server.url, manager.email, manager.password), host: 'inline', wasm, transport });
  try {
    const query = db.leads.where('companyName', '=', 'Healing Ltd');
    const live = db.watch(query);
    const other = db.watch(db.leads.where('companyName', '=', 'Well and Sons'));
    for (const each of [live, other]) each.subscribe(() => undefined);
    await until('the queries are answered', () => live.result.status === 'complete' && other.result.status === 'complete');
    const lead = String((await rest.call('POST', '/api/crm/leads', { name: 'Seen', companyName: 'Healing Ltd' })).body['id']);
    await until('the lead is there', () => live.rows.length === 1);
    lost = 0;
    await rest.call('PATCH', `/api/crm/leads/${lead}`, { name: 'Unheard of' });
    await rest.call('POST', '/api/crm/leads', { name: 'Unseen', companyName: 'Healing Ltd' });
    await until('both changes are lost', () => lost === 2);
    lost = null;
    // The browser goes on as if nothing had been.
    await rest.call('POST', '/api/crm/leads', { name: 'Heard', companyName: 'Well and Sons' });
    await until('what comes then is heard', () => other.rows.length === 1);
    expect(live.rows.map((row) => row['name'])).toEqual(['Seen']);
    await until('they are fetched', () => live.rows.length === 2, HEARTBEAT_MS + 10_000);
    expect(live.rows.map((row) => row['name']).sort()).toEqual(['Unheard of', 'Unseen']);
    expect((await db.explain(query)).mismatches).toBe(1);
    expect(await rest.metric('syncline_result_mismatches_total')).toBe(1);
    // From then on nothing is amiss.
    await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS + 2_000));
    expect(await rest.metric('syncline_result_mismatches_total')).toBe(1);
  } finally {
    db.close();
    await server.stop();
  }
}, 150_000);

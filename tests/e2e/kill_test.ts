// The server is killed with SIGKILL 100 times under load. After each restart every acknowledged write is there and none
// twice; the browser reconnects by itself and converges.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

const KILLS = 100;
const WRITERS = 4;
const PREFIX = 'Kill test';

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  server = await TestServer.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

class Load {
  readonly acknowledged = new Set<string>();
  private stopped = false;
  private readonly writers: Promise<void>[];

  constructor(private readonly rest: RestClient) {
    this.writers = Array.from({ length: WRITERS }, (_, i) => this.write(i));
  }

  /** One write after the other, each tried under its own idempotency key until the server answers. */
  private async write(writer: number): Promise<void> {
    for (let i = 0; !this.stopped; i++) {
      const name = `${PREFIX} ${writer}-${i}`;
      for (;;) {
        try {
          const answer = await this.rest.call('POST', '/api/crm/leads', { name }, { 'idempotency-key': name });
          expect(answer.status, JSON.stringify(answer.body)).toBe(201);
          this.acknowledged.add(name);
          break;
        } catch (error) {
          if (!(error instanceof TypeError)) throw error; // fetch's word for a lost connection
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.writers);
  }
}

async function storedNames(rest: RestClient): Promise<string[]> {
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await rest.call('GET', `/api/crm/leads?name[like]=${encodeURIComponent(`${PREFIX}%`)}&fields=name&limit=1000${from}`);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    names.push(...answer.body.data.map((row) => String(row['name'])));
    cursor = (answer.body['nextCursor'] as string | null | undefined) ?? null;
  }
  return names;
}

it(`${KILLS} kills lose nothing and double nothing`, async () => {
  const rest = await RestClient.login(server.url, admin);
  const mia = await Person.signIn(browser, server.url, manager);
  const filters = JSON.stringify([{ field: 'name', operator: 'like', value: PREFIX }]);
  await mia.go(`/leads?filters=${encodeURIComponent(filters)}`);
  const load = new Load(rest);
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = load.acknowledged.size;
    await until('a write is acknowledged between two kills', () => load.acknowledged.size > before, 20_000);
    await server.end('SIGKILL');
    const promised = [...load.acknowledged];
    await server.run();
    const names = await storedNames(rest);
    const stored = new Set(names);
    expect(names.length, `kill ${kill}: a write is there twice`).toBe(stored.size);
    expect(promised.filter((name) => !stored.has(name)), `kill ${kill}: an acknowledged write is lost`).toEqual([]);
  }
  await load.stop();
  const total = (await storedNames(rest)).length;
  expect(total).toBe(load.acknowledged.size);
  await mia.connected(20_000);
  const shown = async () => Number((await mia.page.getByTestId('list-count').innerText()).replaceAll(',', ''));
  await until(`the browser shows all ${total}`, async () => (await shown()) === total, 20_000);
  expect(mia.errors).toEqual([]);
}, 900_000);

// Tabs of one browser and user share one core and one WebSocket; different users share nothing.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

const SOCKETS = 'syncline_sync_sessions';

let server: TestServer;
let browser: Browser;
let rest: RestClient;

beforeAll(async () => {
  server = await TestServer.start();
  rest = await RestClient.login(server.url, admin);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

it('two tabs share one WebSocket; an edit in one is in the other at once; closing both closes it', async () => {
  const mia = await Person.signIn(browser, server.url, manager);
  const lead = await rest.call('POST', '/api/crm/leads', { name: 'In two tabs' });
  const second = await mia.context.newPage();
  await second.goto(`${server.url}/leads/${String(lead.body['id'])}`);
  await second.locator('[data-testid=connection][data-state=connected]').waitFor();
  await mia.go(`/leads/${String(lead.body['id'])}`);
  await mia.field('name').getByText('In two tabs').waitFor();
  expect(await rest.metric(SOCKETS)).toBe(1);
  await mia.edit('jobTitle', 'Buyer');
  await second.getByTestId('field-jobTitle').getByText('Buyer').waitFor({ timeout: 1_000 });
  await mia.context.close();
  await until('the socket is closed with its last tab', async () => (await rest.metric(SOCKETS)) === 0);
});

it('two users in one browser have a worker, a socket and a database each', async () => {
  const mia = await Person.signIn(browser, server.url, manager);
  // Signing out would end Mia's session, so the second user comes in a tab whose cookie is new.
  await mia.context.clearCookies();
  const tab = await mia.context.newPage();
  await tab.goto(server.url);
  await tab.getByTestId('login-email').fill(admin.email);
  await tab.getByTestId('login-password').fill(admin.password);
  await tab.getByTestId('login-submit').click();
  await tab.locator('[data-testid=connection][data-state=connected]').waitFor();
  expect(await rest.metric(SOCKETS)).toBe(2);
  const databases = await tab.evaluate(async () => (await indexedDB.databases()).map((each) => each.name));
  expect(databases.filter((name) => name?.startsWith('syncline:'))).toHaveLength(2);
  await mia.page.locator('[data-testid=connection][data-state=connected]').waitFor();
  await mia.context.close();
});

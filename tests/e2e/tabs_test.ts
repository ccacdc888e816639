// Tabs of one browser and user share one core and one WebSocket; different users share nothing.
import { expect, it } from 'vitest';
import { connectedOn, editOn, Person } from './support/browser.ts';
import { admin, manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
const SOCKETS = 'syncline_sync_sessions';

it('two tabs share one WebSocket; an edit in one is in the other at once; closing both closes it', async () => {
  const mia = await Person.signIn(world.browser, world.server.url, manager);
  const lead = await world.rest.call('POST', '/api/crm/leads', { name: 'In two tabs' });
  const second = await mia.context.newPage();
  await second.goto(`${world.server.url}/leads/${String(lead.body['id'])}`);
  await second.locator('[data-testid=connection][data-state=connected]').waitFor();
  await mia.go(`/leads/${String(lead.body['id'])}`);
  await mia.field('name').getByText('In two tabs').waitFor();
  expect(await world.rest.metric(SOCKETS)).toBe(1);
  await mia.edit('jobTitle', 'Buyer');
  await second.getByTestId('field-jobTitle').getByText('Buyer').waitFor({ timeout: 1_000 });
  await mia.context.close();
  await until('the socket is closed with its last tab', async () => (await world.rest.metric(SOCKETS)) === 0);
});

it('two users in one browser have a worker, a socket and a database each', async () => {
  const mia = await Person.signIn(world.browser, world.server.url, manager);
  // Signing out would end Mia's session, so the second user comes in a tab whose cookie is new.
  await mia.context.clearCookies();
  const tab = await mia.context.newPage();
  await tab.goto(world.server.url);
  await tab.getByTestId('login-email').fill(admin.email);
  await tab.getByTestId('login-password').fill(admin.password);
  await tab.getByTestId('login-submit').click();
  await tab.locator('[data-testid=connection][data-state=connected]').waitFor();
  expect(await world.rest.metric(SOCKETS)).toBe(2);
  const databases = await tab.evaluate(async () => (await indexedDB.databases()).map((each) => each.name));
  expect(databases.filter((name) => name?.startsWith('syncline:'))).toHaveLength(2);
  await mia.page.locator('[data-testid=connection][data-state=connected]').waitFor();
  await mia.context.close();
});

it('two hosts never work on one database: the second waits for the first to go, or says why it does not start', async () => {
  const mia = await Person.signIn(world.browser, world.server.url, manager, { host: 'shared' });
  const lead = String((await world.rest.call('POST', '/api/crm/leads', { name: 'In two hosts' })).body['id']);
  await mia.go(`/leads/${lead}?host=shared`);
  await mia.field('name').getByText('In two hosts').waitFor();
  const other = await mia.context.newPage();
  await other.goto(`${world.server.url}/leads/${lead}?host=leader`);
  await other.getByText('already open in this browser').first().waitFor({ timeout: 30_000 });
  await mia.edit('jobTitle', 'By the first');
  await until('it is on the server', () => world.log.values(lead, 'jobTitle').length > 0);
  expect(await world.rest.metric(SOCKETS)).toBe(1);
  await mia.page.close();
  await other.reload();
  await connectedOn(other);
  await editOn(other, 'jobTitle', 'By the second');
  await until('it is on the server', () => world.log.values(lead, 'jobTitle').at(-1) === 'By the second');
  expect(world.log.values(lead, 'jobTitle')).toEqual(['By the first', 'By the second']);
  expect(await world.rest.metric(SOCKETS)).toBe(1);
  await mia.context.close();
});

/** Runs in the page, before the application. */
function failFirst(): void {
  for (const name of ['SharedWorker', 'Worker'] as const) {
    const real = globalThis[name] as new (url: URL | string, options?: WorkerOptions) => object;
    let tries = 0;
    const failing = new Proxy(real, { construct: (target, [url, options]) => new target(++tries <= 2 ? '/assets/missing.js' : url, options) });
    Object.assign(globalThis, { [name]: failing });
  }
}

// As where the service worker has died with the process of another tab: what it serves cannot be loaded in that moment.
it('a worker that could not be loaded is tried again', async () => {
  const context = await world.browser.newContext();
  await context.addInitScript(failFirst);
  const mia = await Person.inContext(context, world.server.url, manager);
  await mia.connected();
  expect(mia.errors).toEqual([]);
  await context.close();
});

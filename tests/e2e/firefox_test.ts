// Another engine: what matters most when the network or a tab goes, in Firefox.
import type { BrowserContext } from 'puppeteer-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordKept } from './support/browser.ts';
import { STEPS } from './support/change_log.ts';
import { FirefoxTab, launchFirefox } from './support/firefox.ts';
import { manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld(launchFirefox);
let context: BrowserContext;
let lead: string;

beforeEach(async () => {
  lead = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead of the fox' })).body['id']);
  context = await world.browser.createBrowserContext();
});
afterEach(async () => {
  world.proxy.restore();
  await context.close();
});

const page = (): string => `${world.proxy.url}/leads/${lead}`;
const arrived = (last: string) => until('the last change is on the server', () => world.log.values(lead, 'jobTitle').at(-1) === last, 30_000);

it('edit offline, reload, edit again, come back: everything arrives once, in order', async () => {
  const mia = await FirefoxTab.signIn(context, world.proxy.url, manager);
  await mia.page.goto(page());
  await mia.fieldShows('name', 'Lead of the fox');
  await mia.offlineReady();
  await recordKept(mia.page, lead);
  world.proxy.cut(true);
  for (const value of ['Offline 1', 'Offline 2']) await mia.edit('jobTitle', value);
  await mia.says('2 changes waiting');
  await mia.page.reload();
  await mia.fieldShows('jobTitle', 'Offline 2');
  await mia.edit('jobTitle', 'Offline 3');
  await mia.says('3 changes waiting');
  world.proxy.restore();
  await arrived('Offline 3');
  await mia.says('Live');
  expect(world.log.values(lead, 'jobTitle')).toEqual(['Offline 1', 'Offline 2', 'Offline 3']);
  expect(mia.errors).toEqual([]);
}, 120_000);

it('two tabs, the first closed while the other writes: nothing is lost', async () => {
  const first = await FirefoxTab.signIn(context, world.proxy.url, manager);
  const second = await FirefoxTab.open(context, page());
  await second.fieldShows('name', 'Lead of the fox');
  await second.connected();
  for (const [field, value] of STEPS.slice(0, 2)) await second.edit(field, value);
  const closing = first.page.close();
  for (const [field, value] of STEPS.slice(2)) await second.edit(field, value);
  await closing;
  await arrived('Stepper');
  await second.says('Live');
  const fields = STEPS.map(([field]) => field);
  expect(world.log.fields(lead, fields)).toEqual(fields);
  expect(second.errors).toEqual([]);
}, 120_000);

it('two people edit different fields: both stand', async () => {
  const mia = await FirefoxTab.signIn(context, world.proxy.url, manager);
  await mia.page.goto(page());
  await mia.fieldShows('name', 'Lead of the fox');
  world.proxy.cut(true);
  await mia.edit('jobTitle', 'Buyer');
  expect((await world.rest.call('PATCH', `/api/crm/leads/${lead}`, { companyName: 'Theirs Ltd' })).status).toBe(200);
  world.proxy.restore();
  await mia.fieldShows('companyName', 'Theirs Ltd');
  await arrived('Buyer');
  const { body } = await world.rest.call('GET', `/api/crm/leads/${lead}`);
  expect([body['jobTitle'], body['companyName']]).toEqual(['Buyer', 'Theirs Ltd']);
  expect(mia.errors).toEqual([]);
}, 120_000);

// Another engine: what matters most when the network or a tab goes, in Firefox.
import type { Browser, BrowserContext } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordKept } from './support/browser.ts';
import { ChangeLog, STEPS } from './support/change_log.ts';
import { FaultProxy } from './support/fault_proxy.ts';
import { FirefoxTab, launchFirefox } from './support/firefox.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

let server: TestServer;
let proxy: FaultProxy;
let browser: Browser;
let rest: RestClient;
let log: ChangeLog;
let context: BrowserContext;
let lead: string;

beforeAll(async () => {
  server = await TestServer.start();
  proxy = await FaultProxy.start(server.port);
  rest = await RestClient.login(server.url, admin);
  log = await ChangeLog.listen(server.url, ['leads']);
  browser = await launchFirefox();
});
afterAll(async () => {
  log?.close();
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});
beforeEach(async () => {
  lead = String((await rest.call('POST', '/api/crm/leads', { name: 'Lead of the fox' })).body['id']);
  context = await browser.createBrowserContext();
});
afterEach(async () => {
  proxy.restore();
  await context.close();
});

const page = (): string => `${proxy.url}/leads/${lead}`;
const arrived = (last: string) => until('the last change is on the server', () => log.values(lead, 'jobTitle').at(-1) === last, 30_000);

it('edit offline, reload, edit again, come back: everything arrives once, in order', async () => {
  const mia = await FirefoxTab.signIn(context, proxy.url, manager);
  await mia.page.goto(page());
  await mia.fieldShows('name', 'Lead of the fox');
  await mia.offlineReady();
  await recordKept(mia.page, lead);
  proxy.cut(true);
  for (const value of ['Offline 1', 'Offline 2']) await mia.edit('jobTitle', value);
  await mia.says('2 changes waiting');
  await mia.page.reload();
  await mia.fieldShows('jobTitle', 'Offline 2');
  await mia.edit('jobTitle', 'Offline 3');
  await mia.says('3 changes waiting');
  proxy.restore();
  await arrived('Offline 3');
  await mia.says('Live');
  expect(log.values(lead, 'jobTitle')).toEqual(['Offline 1', 'Offline 2', 'Offline 3']);
  expect(mia.errors).toEqual([]);
}, 120_000);

it('two tabs, the first closed while the other writes: nothing is lost', async () => {
  const first = await FirefoxTab.signIn(context, proxy.url, manager);
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
  expect(log.fields(lead, fields)).toEqual(fields);
  expect(second.errors).toEqual([]);
}, 120_000);

it('two people edit different fields: both stand', async () => {
  const mia = await FirefoxTab.signIn(context, proxy.url, manager);
  await mia.page.goto(page());
  await mia.fieldShows('name', 'Lead of the fox');
  proxy.cut(true);
  await mia.edit('jobTitle', 'Buyer');
  expect((await rest.call('PATCH', `/api/crm/leads/${lead}`, { companyName: 'Theirs Ltd' })).status).toBe(200);
  proxy.restore();
  await mia.fieldShows('companyName', 'Theirs Ltd');
  await arrived('Buyer');
  const { body } = await rest.call('GET', `/api/crm/leads/${lead}`);
  expect([body['jobTitle'], body['companyName']]).toEqual(['Buyer', 'Theirs Ltd']);
  expect(mia.errors).toEqual([]);
}, 120_000);

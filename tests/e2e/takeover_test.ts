// The tab that leads may go at any moment, in the midst of a write: another takes over, and nothing is lost or doubled.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectedOn, editOn, launch, Person } from './support/browser.ts';
import { ChangeLog } from './support/change_log.ts';
import { FaultProxy } from './support/fault_proxy.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

let server: TestServer;
let proxy: FaultProxy;
let browser: Browser;
let rest: RestClient;
let log: ChangeLog;
let mia: Person;
/** The tab that stays. */
let second: Page;
let lead: string;

beforeAll(async () => {
  server = await TestServer.start();
  proxy = await FaultProxy.start(server.port);
  rest = await RestClient.login(server.url, admin);
  log = await ChangeLog.listen(server.url, ['leads']);
  browser = await launch();
});
afterAll(async () => {
  log?.close();
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});
beforeEach(async () => {
  lead = String((await rest.call('POST', '/api/crm/leads', { name: 'Lead of two tabs' })).body['id']);
  mia = await Person.signIn(browser, proxy.url, manager, { host: 'leader' });
  second = await mia.tab(`/leads/${lead}`);
  await second.getByTestId('field-name').getByText('Lead of two tabs').waitFor();
  await connectedOn(second);
});
afterEach(async () => {
  proxy.release();
  proxy.restore();
  await mia.context.close();
  expect(mia.errors).toEqual([]);
});

const crash = async (page: Page): Promise<void> => {
  const devtools = await mia.context.newCDPSession(page);
  const gone = new Promise((resolve) => page.once('crash', resolve));
  devtools.send('Page.crash').catch(() => undefined);
  await gone;
};

const ENDS: readonly [string, (page: Page) => Promise<void>][] = [['is closed', (page) => page.close()], ['crashes', crash]];

it.each(ENDS)('the leader %s while others write: every change arrives once, in order', async (_, end) => {
  const values = Array.from({ length: 12 }, (_, i) => `Step ${i + 1}`);
  for (const value of values.slice(0, 4)) await editOn(second, 'jobTitle', value);
  const ending = end(mia.page);
  for (const value of values.slice(4)) await editOn(second, 'jobTitle', value);
  await ending;
  await until('the last change is on the server', () => log.values(lead, 'jobTitle').at(-1) === values.at(-1), 20_000);
  await second.getByTestId('connection').getByText('Live').waitFor();
  expect(await second.getByTestId('field-jobTitle').innerText()).toContain(values.at(-1)!);
  expect(log.values(lead, 'jobTitle')).toEqual(values);
});

it('a tab opened later takes the place of all that are gone', async () => {
  await mia.page.close();
  await second.close();
  const third = await mia.tab(`/leads/${lead}`);
  await connectedOn(third);
  await editOn(third, 'jobTitle', 'Alone');
  await until('it is on the server', () => log.values(lead, 'jobTitle').at(-1) === 'Alone');
});

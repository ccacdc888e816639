// The tab that leads may go at any moment, in the midst of a write: another takes over, and nothing is lost or doubled.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectedOn, editOn, launch, offlineReady, Person, recordKept } from './support/browser.ts';
import { ChangeLog, STEPS } from './support/change_log.ts';
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
  mia = await Person.signIn(browser, proxy.url, manager);
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
  for (const [field, value] of STEPS.slice(0, 2)) await editOn(second, field, value);
  const ending = end(mia.page);
  for (const [field, value] of STEPS.slice(2)) await editOn(second, field, value);
  await ending;
  await until('the last change is on the server', () => log.values(lead, 'jobTitle').length > 0, 20_000);
  await second.getByTestId('connection').getByText('Live').waitFor();
  await second.getByTestId('field-jobTitle').getByText('Stepper').waitFor();
  const fields = STEPS.map(([field]) => field);
  expect(log.fields(lead, fields)).toEqual(fields);
});

it.each(ENDS)('the leader %s with changes that the server has not got: the next one sends them', async (_, end) => {
  await Promise.all([offlineReady(mia.page), offlineReady(second), recordKept(second, lead)]);
  proxy.cut(true);
  await second.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
  for (const value of ['Offline 1', 'Offline 2']) await editOn(second, 'jobTitle', value);
  await editOn(second, 'companyName', 'Offline Ltd');
  await end(mia.page);
  // Whoever leads now has them, and has not sent them either.
  await second.getByTestId('field-jobTitle').getByText('Offline 2').waitFor();
  await second.getByTestId('connection').getByText('Offline: 3 changes waiting').waitFor();
  await editOn(second, 'jobTitle', 'Offline 3');
  proxy.restore();
  await until('all changes are on the server', () => log.values(lead, 'jobTitle').length + log.values(lead, 'companyName').length === 4, 20_000);
  expect(log.values(lead, 'jobTitle')).toEqual(['Offline 1', 'Offline 2', 'Offline 3']);
  await second.getByTestId('connection').getByText('Live').waitFor();
});

it('a tab opened later takes the place of all that are gone', async () => {
  await mia.page.close();
  await second.close();
  const third = await mia.tab(`/leads/${lead}`);
  await connectedOn(third);
  await editOn(third, 'jobTitle', 'Alone');
  await until('it is on the server', () => log.values(lead, 'jobTitle').at(-1) === 'Alone');
});

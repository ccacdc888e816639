// No network: the application starts, shows what it has, takes changes, says how many wait; and when the network is back
// everything arrives once and in order, whatever happened to the page, the browser or the session meanwhile.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askToSignOut, connectedOn, editOn, launchOn, offlineReady, Person, recordKept } from './support/browser.ts';
import { type Account, agent, manager, RestClient, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
let lead: string;

beforeEach(async () => {
  lead = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead on the train', jobTitle: 'Clerk' })).body['id']);
});
afterEach(() => world.proxy.restore());

const saidBy = (page: Page) => page.getByTestId('connection').getAttribute('aria-label');
const says = (page: Page, text: string) => until(`the connection says "${text}"`, async () => (await saidBy(page))?.includes(text) ?? false, 15_000);
const arrived = (last: string) => until('the last change is on the server', () => world.log.values(lead, 'jobTitle').at(-1) === last, 20_000);

it('edit offline, reload, edit again, come back: everything arrives once, in order', async () => {
  const mia = await Person.signIn(world.browser, world.proxy.url, manager);
  await mia.go(`/leads/${lead}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  await offlineReady(mia.page);
  await recordKept(mia.page, lead);
  world.proxy.cut(true);
  for (const value of ['Offline 1', 'Offline 2']) await mia.edit('jobTitle', value);
  await says(mia.page, 'Offline: 2 changes waiting');
  await mia.page.reload();
  await mia.field('jobTitle').getByText('Offline 2').waitFor();
  await mia.edit('jobTitle', 'Offline 3');
  await mia.edit('companyName', 'Tunnel Ltd');
  await says(mia.page, 'Offline: 4 changes waiting');
  // Pages that have not been opened before start too.
  await mia.page.goto(`${world.proxy.url}/pipeline`);
  await mia.page.getByTestId('connection').waitFor();
  world.proxy.restore();
  await arrived('Offline 3');
  await says(mia.page, 'Live');
  expect(world.log.values(lead, 'jobTitle')).toEqual(['Clerk', 'Offline 1', 'Offline 2', 'Offline 3']);
  expect(world.log.values(lead, 'companyName')).toEqual(['Tunnel Ltd']);
  expect(mia.errors).toEqual([]);
  await mia.context.close();
});

it('a browser that is killed offline starts offline again with the changes that wait', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'syncline-profile-'));
  try {
    // Closed in order once, so that the browser's own cookies and settings are on disk.
    const first = await launchOn(profile);
    const mia = await Person.inContext(first.context, world.proxy.url, manager);
    await mia.go(`/leads/${lead}`);
    await offlineReady(mia.page);
    await recordKept(mia.page, lead);
    await first.context.close();

    world.proxy.cut(true);
    const second = await launchOn(profile);
    const page = await second.context.newPage();
    await page.goto(`${world.proxy.url}/leads/${lead}`);
    await page.getByTestId('field-jobTitle').getByText('Clerk').waitFor();
    for (const value of ['Before the crash 1', 'Before the crash 2']) await editOn(page, 'jobTitle', value);
    await says(page, 'Offline: 2 changes waiting');
    await second.kill();

    const third = await launchOn(profile);
    const again = await third.context.newPage();
    await again.goto(`${world.proxy.url}/leads/${lead}`);
    await again.getByTestId('field-jobTitle').getByText('Before the crash 2').waitFor();
    await says(again, 'Offline: 2 changes waiting');
    world.proxy.restore();
    await arrived('Before the crash 2');
    await connectedOn(again);
    expect(world.log.values(lead, 'jobTitle')).toEqual(['Clerk', 'Before the crash 1', 'Before the crash 2']);
    await third.context.close();
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});

it('what the server refuses after replay is kept with its arguments, through a reload, until it is decided about', async () => {
  const mia = await Person.signIn(world.browser, world.proxy.url, manager);
  await mia.go(`/leads/${lead}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  await offlineReady(mia.page);
  await recordKept(mia.page, lead);
  world.proxy.cut(true);
  await mia.edit('jobTitle', 'For nobody');
  await mia.edit('companyName', 'Nowhere Ltd');
  await says(mia.page, 'Offline: 2 changes waiting');
  await mia.page.reload();
  expect((await world.rest.call('DELETE', `/api/crm/leads/${lead}`)).status).toBe(204);
  world.proxy.restore();
  await mia.connected();
  const sign = mia.page.getByTestId('refused');
  await sign.waitFor();
  await mia.page.reload();
  await mia.page.getByTestId('conflict-later').click();
  await sign.click();
  const kept = mia.page.getByTestId('refused-change');
  await until('both are listed', async () => (await kept.count()) === 2);
  const mine = kept.filter({ hasText: 'For nobody' });
  await mine.getByText('Job title').waitFor();
  await mine.getByTestId('refused-discard').click();
  await mine.waitFor({ state: 'detached' });
  await kept.filter({ hasText: 'Nowhere Ltd' }).getByTestId('refused-discard').click();
  await sign.waitFor({ state: 'detached' });
  await mia.page.reload();
  await mia.connected();
  expect(await sign.count()).toBe(0);
  expect(mia.errors).toEqual([]);
  await mia.context.close();
});

it('what was refused can be tried again when the reason is gone', async () => {
  const me = async (account: Account) => String((await (await RestClient.login(world.server.url, account)).call('GET', '/api/auth/me')).body['id']);
  const [mine, other] = [await me(agent), await me(manager)];
  const give = (ownerId: string) => world.rest.call('PATCH', `/api/crm/leads/${lead}`, { ownerId });
  expect((await give(mine)).status).toBe(200);
  const ann = await Person.signIn(world.browser, world.proxy.url, agent);
  await ann.go(`/leads/${lead}`);
  await ann.field('jobTitle').getByText('Clerk').waitFor();
  world.proxy.cut(true);
  await ann.edit('jobTitle', 'Tried twice');
  await says(ann.page, 'Offline: 1 change waiting');
  expect((await give(other)).status).toBe(200);
  world.proxy.restore();
  await ann.page.getByTestId('refused').click();
  expect((await give(mine)).status).toBe(200);
  await ann.page.getByTestId('refused-change').getByText('Tried twice').waitFor();
  await ann.page.getByTestId('refused-retry').click();
  await arrived('Tried twice');
  await until('nothing is left to decide', async () => (await ann.page.getByTestId('refused').count()) === 0);
  expect(world.log.values(lead, 'jobTitle')).toEqual(['Clerk', 'Tried twice']);
  expect(ann.errors).toEqual([]);
  await ann.context.close();
});

it('a sign-out offline leaves nothing to start with', async () => {
  const mia = await Person.signIn(world.browser, world.proxy.url, manager);
  await offlineReady(mia.page);
  world.proxy.cut(true);
  await mia.page.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
  await askToSignOut(mia.page);
  await mia.page.getByTestId('sign-out-confirm').click();
  await mia.page.getByTestId('login-email').waitFor();
  await mia.page.reload();
  await mia.page.getByTestId('login-email').waitFor();
  await mia.context.close();
});

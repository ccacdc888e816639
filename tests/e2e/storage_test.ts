// Storage that refuses: the application says so and works on, and what was kept in memory is stored when there is room again
// (SEMANTICS 12). The browser's own quota is used up, so it is the browser that refuses.
import type { CDPSession } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { Person } from './support/browser.ts';
import { manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
let mia: Person;
let devtools: CDPSession;

beforeAll(async () => {
  mia = await Person.signIn(world.browser, world.proxy.url, manager);
  devtools = await mia.context.newCDPSession(mia.page);
});

const setQuota = (quotaSize?: number) =>
  devtools.send('Storage.overrideQuotaForOrigin', { origin: world.proxy.url, ...(quotaSize === undefined ? {} : { quotaSize }) });

it('is said, loses nothing, and ends when there is room again', async () => {
  const created = await world.rest.call('POST', '/api/crm/leads', { name: 'No room' });
  const path = `/api/crm/leads/${String(created.body['id'])}`;
  const jobTitle = async () => (await world.rest.call('GET', path)).body['jobTitle'] as unknown as string;
  await mia.go(`/leads/${String(created.body['id'])}`);
  await mia.field('name').getByText('No room').waitFor();
  const hint = mia.page.getByTestId('storage');
  expect(await hint.count()).toBe(0);

  // Rows are written behind every change. Chromium trusts its last look at the quota for half a minute.
  await setQuota(1);
  for (let change = 1; change <= 30 && (await hint.count()) === 0; change++) {
    await world.rest.call('PATCH', path, { companyName: `Changed elsewhere ${change}` });
    await mia.field('companyName').getByText(`Changed elsewhere ${change}`, { exact: true }).waitFor();
    await hint.waitFor({ timeout: 3_000 }).catch(() => undefined);
  }
  expect(await hint.getAttribute('data-state')).toBe('behind');

  world.proxy.hold();
  try {
    await mia.edit('jobTitle', 'Kept in memory');
    await hint.and(mia.page.locator('[data-state=notDurable]')).waitFor();
  } finally {
    world.proxy.release();
  }
  await until('the server has the change all the same', async () => (await jobTitle()) === 'Kept in memory');
  // It is settled: nothing that a reload could lose is left.
  await hint.and(mia.page.locator('[data-state=behind]')).waitFor();
  await setQuota();
  await hint.waitFor({ state: 'detached' });
  expect(mia.errors).toEqual([]);
}, 180_000);

// Signing out ends it: in every tab at once, in this browser's storage, and on the server, even when the server learns of it
// later. Nobody who signed out is signed in again without a password.
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askToSignOut, connectedOn, Person, signInOn } from './support/browser.ts';
import { admin, manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
const AT_ONCE_MS = 1_000;
const SOCKETS = 'syncline_sync_sessions';
const COOKIE = 'syncline_refresh';

let mia: Person;

beforeEach(async () => {
  mia = await Person.signIn(world.browser, world.proxy.url, manager);
});
afterEach(async () => {
  world.proxy.restore();
  await mia.context.close();
  expect(mia.errors).toEqual([]);
});

const loginShown = (page: Page, timeout = 15_000) => page.getByTestId('login-email').waitFor({ timeout });

async function refreshCookie(): Promise<string | undefined> {
  return (await mia.context.cookies(`${world.proxy.url}/api/auth/refresh`)).find(({ name }) => name === COOKIE)?.value;
}

/** What the server makes of a refresh cookie: an access token while its session lives. */
async function tokenOf(cookie: string): Promise<string | null> {
  const response = await fetch(`${world.server.url}/api/auth/refresh`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-syncline-app': '1', cookie: `${COOKIE}=${cookie}` }, body: '{}',
  });
  return response.ok ? ((await response.json()) as { accessToken: string }).accessToken : null;
}

/** How much this browser stores for its users. */
function stored(page: Page): Promise<{ rows: number; queue: number }> {
  return page.evaluate(async () => {
    const sum = { rows: 0, queue: 0 };
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name!);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const count = (store: string) => new Promise<number>((resolve, reject) => {
        const request = database.transaction(store).objectStore(store).count();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      sum.rows += await count('state');
      sum.queue += await count('outbox');
      database.close();
    }
    return sum;
  });
}

async function newLead(name: string): Promise<string> {
  const answer = await world.rest.call('POST', '/api/crm/leads', { name, companyName: 'Before' });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return String(answer.body['id']);
}
const companyOf = async (id: string) => (await world.rest.call('GET', `/api/crm/leads/${id}`)).body['companyName'] as string;

describe('two tabs of one browser', () => {
  it('sign out together at once, and each signs in again without a reload', async () => {
    const id = await newLead('After the sign-out');
    await mia.go(`/leads/${id}`);
    const second = await mia.tab(`/leads/${id}`);
    await connectedOn(second);
    await until('rows are kept', async () => (await stored(second)).rows > 0);
    for (const page of [mia.page, second]) await page.evaluate(() => void Object.assign(window, { notReloaded: true }));

    await askToSignOut(mia.page);
    await loginShown(second, AT_ONCE_MS);
    await loginShown(mia.page);
    expect(await stored(second)).toEqual({ rows: 0, queue: 0 });
    expect(await refreshCookie()).toBeUndefined();
    await until('their socket is closed', async () => (await world.rest.metric(SOCKETS)) === 0);

    await signInOn(second, manager);
    await second.getByTestId('field-companyName').getByText('Before').waitFor();
    await signInOn(mia.page, manager);
    expect(await world.rest.metric(SOCKETS)).toBe(1);
    await mia.edit('companyName', 'After');
    await second.getByTestId('field-companyName').getByText('After').waitFor({ timeout: AT_ONCE_MS });
    await until('it is on the server', async () => (await companyOf(id)) === 'After');
    for (const page of [mia.page, second]) expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
  });

  it('both hear when the server ends the session', async () => {
    const second = await mia.tab('/leads');
    await connectedOn(second);
    const token = await tokenOf((await refreshCookie())!);
    await fetch(`${world.server.url}/api/auth/logout`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    for (const page of [mia.page, second]) {
      await loginShown(page);
      await page.getByTestId('signed-out-notice').getByText(/session has ended/).waitFor();
    }
    await signInOn(second, manager);
  });

  it('of two users: nobody goes on with the session of the other', async () => {
    const token = await tokenOf((await refreshCookie())!);
    await mia.context.clearCookies();
    const tom = await mia.tab('/');
    await signInOn(tom, admin);
    // Mia's session ends; what her tab could renew it with is Tom's cookie.
    await fetch(`${world.server.url}/api/auth/logout`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    await loginShown(mia.page);
    await connectedOn(tom);
    expect(await world.rest.metric(SOCKETS)).toBe(1);
  });
});

describe('while the server cannot be reached', () => {
  it('it asks first, and to stay is to stay', async () => {
    world.proxy.cut(true);
    await mia.page.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
    await askToSignOut(mia.page);
    await mia.page.getByTestId('sign-out-dialog').getByText(/cannot be reached/).waitFor();
    await mia.page.getByTestId('sign-out-cancel').click();
    world.proxy.restore();
    await mia.connected();
    expect(await refreshCookie()).toBeDefined();
  });

  it('it says that the server does not know, and tells it as soon as it can', async () => {
    const cookie = (await refreshCookie())!;
    world.proxy.cut(true);
    await mia.page.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
    await askToSignOut(mia.page);
    await mia.page.getByTestId('sign-out-confirm').click();
    await loginShown(mia.page);
    await mia.page.getByTestId('sign-out-owed').waitFor();
    expect(await tokenOf(cookie)).not.toBeNull();
    await mia.page.getByTestId('sign-out-retry').click();
    await mia.page.getByTestId('sign-out-owed').waitFor();
    world.proxy.restore();
    await mia.page.getByTestId('sign-out-paid').waitFor();
    expect(await tokenOf(cookie)).toBeNull();
    expect(await refreshCookie()).toBeUndefined();
    await signInOn(mia.page, manager);
    await mia.page.reload();
    await mia.connected();
  });

  it('a page opened later tells the server, and signs nobody in', async () => {
    const cookie = (await refreshCookie())!;
    // Another page of the browser, so that the profile lives on while the application's is closed.
    const other = await mia.context.newPage();
    world.proxy.cut(true);
    await mia.page.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
    await askToSignOut(mia.page);
    await mia.page.getByTestId('sign-out-confirm').click();
    await mia.page.getByTestId('sign-out-owed').waitFor();
    await mia.page.close();
    world.proxy.restore();
    await other.goto(`${world.proxy.url}/leads`);
    await loginShown(other);
    expect(await tokenOf(cookie)).toBeNull();
    expect(await refreshCookie()).toBeUndefined();
  });
});

describe('changes that the server has not got', () => {
  async function leaveWithOneChange(name: string, choice: 'keep' | 'discard'): Promise<string> {
    const id = await newLead(name);
    await mia.go(`/leads/${id}`);
    await mia.field('companyName').getByText('Before').waitFor();
    world.proxy.cut(true);
    await mia.page.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
    await mia.edit('companyName', 'Changed offline');
    await mia.page.getByTestId('connection').getByText(/1 change/).waitFor();
    await askToSignOut(mia.page);
    await mia.page.getByTestId(`sign-out-${choice}`).click();
    await loginShown(mia.page);
    expect(await stored(mia.page)).toEqual({ rows: 0, queue: choice === 'keep' ? 1 : 0 });
    world.proxy.restore();
    await signInOn(mia.page, manager);
    return id;
  }

  it('are sent by the next sign-in when they were kept', async () => {
    const id = await leaveWithOneChange('Kept change', 'keep');
    await until('the server has it', async () => (await companyOf(id)) === 'Changed offline');
    await until('the queue is empty', async () => (await stored(mia.page)).queue === 0);
  });

  it('are gone when they were discarded', async () => {
    const id = await leaveWithOneChange('Discarded change', 'discard');
    await mia.field('companyName').getByText('Before').waitFor();
    // What was sent after it has arrived; so would it have.
    await mia.edit('jobTitle', 'Buyer');
    await until('a later change is on the server', async () => (await world.rest.call('GET', `/api/crm/leads/${id}`)).body['jobTitle'] === ('Buyer' as never));
    expect(await companyOf(id)).toBe('Before');
  });
});

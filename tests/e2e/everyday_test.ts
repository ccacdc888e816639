// What a person does all day, at the keyboard and with the rights of a role: each of these once did nothing, or the wrong thing.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectedOn, launch, Person, signInOn } from './support/browser.ts';
import { FaultProxy } from './support/fault_proxy.ts';
import { manager, RestClient, TestServer, viewer } from './support/server.ts';

let server: TestServer;
let browser: Browser;
let rest: RestClient;
let mia: Person;

beforeAll(async () => {
  server = await TestServer.start();
  rest = await RestClient.login(server.url, manager);
  browser = await launch();
  mia = await Person.signIn(browser, server.url, manager);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function created(path: string, fields: object): Promise<string> {
  const answer = await rest.call('POST', `/api/crm/${path}`, fields);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return String(answer.body['id']);
}

it('Enter in the palette opens the first hit, pressed before or after it has come, also where the machine is slow', async () => {
  const id = await created('leads', { name: 'Zedekiah Quince' });
  const devtools = await mia.context.newCDPSession(mia.page);
  for (const { wait, slowness } of [{ wait: true, slowness: 1 }, { wait: false, slowness: 1 }, { wait: false, slowness: 12 }]) {
    await mia.go('/');
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowness });
    await mia.page.keyboard.press('Control+k');
    await mia.page.keyboard.type('zedek');
    if (wait) await mia.page.locator('[data-palette] [data-selected]').getByText('Zedekiah Quince').waitFor();
    await mia.page.keyboard.press('Enter');
    await mia.page.waitForURL(`**/leads/${id}`);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  }
  await devtools.detach();
});

it('j, k and Enter work as soon as a list is open', async () => {
  await mia.go('/leads');
  const rows = mia.page.getByTestId('list').locator('[role=row][data-testid]');
  await rows.first().waitFor();
  for (const key of ['j', 'j', 'k']) await mia.page.keyboard.press(key);
  const id = (await mia.page.locator('[role=row][data-active]').getAttribute('data-testid'))!.replace('row-', '');
  await mia.page.keyboard.press('Enter');
  await mia.page.waitForURL(`**/leads/${id}`);
});

it('a link that makes no sense shows the list', async () => {
  const nonsense = encodeURIComponent(JSON.stringify([{ field: 'status', operator: '=', value: 'bogus' }]));
  for (const search of ['sort=nothing', `filters=${nonsense}`]) {
    await mia.go(`/leads?${search}`);
    await mia.page.getByTestId('list').locator('[role=row][data-testid]').first().waitFor();
  }
});

it('Enter applies a filter', async () => {
  await mia.go('/leads');
  await mia.page.getByTestId('add-filter').click();
  await mia.page.getByPlaceholder('Field').fill('Company name');
  await mia.page.getByRole('option', { name: 'Company name' }).click();
  await mia.page.getByTestId('field-companyName-input').fill('nobody has this');
  await mia.page.keyboard.press('Enter');
  await mia.page.getByText('No leads match these filters.').waitFor();
});

it('a filter by status: choosing the status is no click outside of the filter', async () => {
  await mia.go('/leads');
  await mia.page.getByTestId('add-filter').click();
  await mia.page.getByPlaceholder('Field').fill('Status');
  await mia.page.getByRole('option', { name: 'Status' }).click();
  await mia.page.getByTestId('field-status-input').click();
  await mia.page.getByRole('option', { name: 'Converted' }).click();
  await mia.page.getByTestId('filter-apply').click();
  await mia.page.getByText('Status is Converted').waitFor();
});

it('a deletion asks first and names what goes with it', async () => {
  const id = await created('leads', { name: 'Doomed' });
  await created('activities', { subject: 'A word', kind: 'note', leadId: id, at: new Date().toISOString() });
  await mia.go(`/leads/${id}`);
  await mia.page.getByTestId('record-menu').click();
  await mia.page.getByTestId('delete').click();
  await mia.page.getByTestId('delete-goes-activities').getByText(/^1 activity/).waitFor();
  expect((await rest.call('GET', `/api/crm/leads/${id}`)).status).toBe(200);
  await mia.page.getByTestId('delete-confirm').click();
  await mia.page.waitForURL('**/leads');
  await expect.poll(async () => (await rest.call('GET', `/api/crm/leads/${id}`)).status).toBe(404);
});

it('a viewer is offered nothing that would be refused', async () => {
  const lead = await created('leads', { name: 'Only looked at' });
  const vera = await Person.signIn(browser, server.url, viewer);
  await vera.go('/leads');
  await vera.page.getByTestId(`row-${lead}`).waitFor();
  expect(await vera.page.getByTestId('new-record').count()).toBe(0);
  await vera.page.getByTestId(`row-${lead}`).click();
  await vera.field('name').getByText('Only looked at').waitFor();
  await vera.page.getByTestId('related-activities').waitFor();
  for (const control of ['convert', 'record-menu']) expect(await vera.page.getByTestId(control).count(), control).toBe(0);
  expect(await vera.page.getByText('Add', { exact: true }).count()).toBe(0);
  await vera.field('name').getByText('Only looked at').click();
  expect(await vera.page.getByTestId('field-name-input').count()).toBe(0);
  expect(vera.errors).toEqual([]);
});

it('the sign-in page does not ask for a session that nobody has; a reload finds the one that somebody has', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/api/auth/') && asked.push(request.url()));
  await page.goto(server.url);
  await page.getByTestId('login-email').waitFor();
  expect(asked).toEqual([]);
  await signInOn(page, manager);
  await page.reload();
  await connectedOn(page);
  await context.close();
});

it('/dashboard is the dashboard, and a deal belongs to the pipeline', async () => {
  await mia.go('/dashboard');
  expect(new URL(mia.page.url()).pathname).toBe('/');
  const here = mia.page.locator('nav [data-here]');
  expect(await here.innerText()).toBe('Dashboard');
  await mia.page.getByRole('link', { name: 'Pipeline' }).click();
  await mia.page.locator('[data-testid^=board-card-]').first().click();
  await mia.page.waitForURL('**/deals/*');
  expect(await here.innerText()).toBe('Pipeline');
});

it('a dragged card shows where it would land, also over another card', async () => {
  await mia.go('/pipeline');
  const columns = mia.page.locator('[data-testid^=board-column-]');
  const cards = (column: number) => columns.nth(column).locator('[data-testid^=board-card-]');
  const from = (await cards(0).first().boundingBox())!;
  const over = (await cards(1).first().boundingBox())!;
  await mia.page.mouse.move(from.x + 60, from.y + 20);
  await mia.page.mouse.down();
  await mia.page.mouse.move(from.x + 80, from.y + 30, { steps: 3 });
  await mia.page.mouse.move(over.x + 60, over.y + 20, { steps: 10 });
  await columns.nth(1).and(mia.page.locator('[data-over]')).waitFor();
  await cards(1).getByTestId('insertion-mark').waitFor();
  await mia.page.keyboard.press('Escape');
  await mia.page.mouse.up();
});

it('on a phone a long name leaves the actions their place', async () => {
  const id = await created('leads', { name: 'A lead whose name goes on and on for much longer than a phone is wide' });
  await mia.page.setViewportSize({ width: 390, height: 800 });
  await mia.go(`/leads/${id}`);
  const convert = (await mia.page.getByTestId('convert').boundingBox())!;
  const menu = (await mia.page.getByTestId('record-menu').boundingBox())!;
  expect(menu.x + menu.width).toBeLessThanOrEqual(390);
  expect(Math.abs(convert.y + convert.height / 2 - (menu.y + menu.height / 2))).toBeLessThan(2);
  await mia.page.setViewportSize({ width: 1440, height: 900 });
});

it('offline, a page that was never loaded says so instead of waiting for ever', async () => {
  const proxy = await FaultProxy.start(server.port);
  const tom = await Person.signIn(browser, proxy.url, manager);
  proxy.cut(true);
  await tom.page.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
  await tom.page.getByRole('link', { name: 'Contacts' }).click();
  await tom.page.getByTestId('list').getByTestId('not-loaded').waitFor();
  proxy.restore();
  await tom.page.getByTestId('list').locator('[role=row][data-testid]').first().waitFor();
  expect(await tom.page.getByTestId('not-loaded').count()).toBe(0);
  await tom.context.close();
  await proxy.stop();
});

it('offline, a list of which other pages brought a few rows says that there may be more', async () => {
  const id = await created('contacts', { name: 'The only one that is here' });
  const proxy = await FaultProxy.start(server.port);
  const tom = await Person.signIn(browser, proxy.url, manager);
  await tom.go(`/contacts/${id}`);
  await tom.field('name').getByText('The only one that is here').waitFor();
  proxy.cut(true);
  await tom.page.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
  await tom.page.getByRole('link', { name: 'Contacts' }).first().click();
  const list = tom.page.getByTestId('list');
  await list.getByText('The only one that is here').waitFor();
  await list.getByTestId('only-some').waitFor();
  proxy.restore();
  await list.getByTestId('only-some').waitFor({ state: 'detached' });
  await tom.context.close();
  await proxy.stop();
});

it('nobody saw an error in the console', () => {
  expect(mia.errors).toEqual([]);
});

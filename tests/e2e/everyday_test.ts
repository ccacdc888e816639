// What a person does all day, at the keyboard and with the rights of a role: each of these once did nothing, or the wrong thing.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
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

it('Enter in the palette opens the first hit, pressed before or after it has come', async () => {
  const id = await created('leads', { name: 'Zedekiah Quince' });
  for (const wait of [true, false]) {
    await mia.go('/');
    await mia.page.keyboard.press('Control+k');
    await mia.page.keyboard.type('zedek');
    if (wait) await mia.page.locator('[data-palette] [data-selected]').getByText('Zedekiah Quince').waitFor();
    await mia.page.keyboard.press('Enter');
    await mia.page.waitForURL(`**/leads/${id}`);
  }
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

it('nobody saw an error in the console', () => {
  expect(mia.errors).toEqual([]);
});

// Own changes are taken back and done again by the keys everybody knows, unless somebody else has changed the same since.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

let server: TestServer;
let browser: Browser;
let rest: RestClient;
let mia: Person;
let deal = '';

beforeAll(async () => {
  server = await TestServer.start();
  rest = await RestClient.login(server.url, admin);
  browser = await launch();
  mia = await Person.signIn(browser, server.url, manager);
  const created = await rest.call('POST', '/api/crm/deals', { name: 'First name', value: '10.00' });
  deal = `/api/crm/deals/${String(created.body['id'])}`;
  await mia.go(`/deals/${String(created.body['id'])}`);
  await mia.field('name').getByText('First name').waitFor();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const isSaved = (field: string, value: string): Promise<void> =>
  until(`${field} is ${value}`, async () => String((await rest.call('GET', deal)).body[field]) === value);
async function press(keys: string, says: string): Promise<void> {
  await mia.page.keyboard.press(keys);
  await mia.page.getByTestId('undo-toast').getByText(says).waitFor();
}

it('takes changes back, the latest first, and does them again', async () => {
  await mia.edit('name', 'Second name');
  await isSaved('name', 'Second name');
  await mia.edit('value', '20');
  await isSaved('value', '20.00');
  await press('Control+z', 'Undone');
  await isSaved('value', '10.00');
  await mia.page.getByTestId('undo-toast').waitFor({ state: 'detached' });
  await press('Control+z', 'Undone');
  await isSaved('name', 'First name');
  await press('Control+Shift+z', 'Done again');
  await isSaved('name', 'Second name');
  expect(mia.errors).toEqual([]);
});

it('does not undo what somebody else has changed since, and says so', async () => {
  await mia.edit('name', 'Third name');
  await isSaved('name', 'Third name');
  await rest.call('PATCH', deal, { name: 'Name by another' });
  await mia.field('name').getByText('Name by another').waitFor();
  await press('Control+z', 'Somebody else has changed this since.');
  expect((await rest.call('GET', deal)).body['name']).toBe('Name by another');
  expect(mia.errors).toEqual([]);
});

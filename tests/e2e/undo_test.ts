// Own changes are taken back and done again by the keys everybody knows, unless somebody else has changed the same since.
import { beforeAll, expect, it } from 'vitest';
import { Person } from './support/browser.ts';
import { manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
let mia: Person;
let deal = '';

beforeAll(async () => {
  mia = await Person.signIn(world.browser, world.server.url, manager);
  const created = await world.rest.call('POST', '/api/crm/deals', { name: 'First name', value: '10.00' });
  deal = `/api/crm/deals/${String(created.body['id'])}`;
  await mia.go(`/deals/${String(created.body['id'])}`);
  await mia.field('name').getByText('First name').waitFor();
});

async function isSaved(field: string, value: string): Promise<void> {
  await until(`${field} is ${value}`, async () => String((await world.rest.call('GET', deal)).body[field]) === value);
  // A server may be quicker than a page that is painting: within a text box the keys are the text's.
  await mia.page.getByTestId(`field-${field}-input`).waitFor({ state: 'detached' });
}
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
  await mia.page.getByTestId('undo-toast').getByText('Value: 10.00').waitFor();
  await isSaved('value', '10.00');
  await mia.page.getByTestId('undo-toast').waitFor({ state: 'detached' });
  await press('Control+z', 'Undone');
  await mia.page.getByTestId('undo-toast').getByRole('link', { name: 'First name' }).waitFor();
  await isSaved('name', 'First name');
  await press('Control+Shift+z', 'Done again');
  await isSaved('name', 'Second name');
  expect(mia.errors).toEqual([]);
});

it('does not undo what somebody else has changed since, and says so', async () => {
  await mia.edit('name', 'Third name');
  await isSaved('name', 'Third name');
  await world.rest.call('PATCH', deal, { name: 'Name by another' });
  await mia.field('name').getByText('Name by another').waitFor();
  await press('Control+z', 'Somebody else has changed this since.');
  expect((await world.rest.call('GET', deal)).body['name']).toBe('Name by another');
  expect(mia.errors).toEqual([]);
});

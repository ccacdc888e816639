// What a person types is saved as it was meant, or stays in the box with the reason under it.
import type { Dialog, Locator } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { Person } from './support/browser.ts';
import { manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
let mia: Person;

beforeAll(async () => {
  mia = await Person.signIn(world.browser, world.server.url, manager);
});

const input = (name: string): Locator => mia.page.getByTestId(`field-${name}-input`);
const complaint = (name: string): Locator => mia.field(name).getByRole('alert');

async function newDeal(name: string): Promise<string> {
  const created = await world.rest.call('POST', '/api/crm/deals', { name, value: '10.00', expectedCloseOn: '2026-12-01' });
  const id = String(created.body['id']);
  await mia.go(`/deals/${id}`);
  await mia.field('name').getByText(name).waitFor();
  return id;
}
const saved = async (id: string, field: string) => (await world.rest.call('GET', `/api/crm/deals/${id}`)).body[field] as unknown;

it('what cannot be read or may not be stays as it was typed, and is saved once it is mended', async () => {
  const id = await newDeal('Deal typed into');
  for (const [field, wrong, says, right, value] of [
    ['expectedCloseOn', '2026-02-31', '12/31/2026', '12/31/2026', '2026-12-31'],
    ['value', '1.234,56', '1,234.56', '1,234.56', '1234.56'],
    ['probability', '-3', 'from 0 to 100', '30', 30],
    ['name', 'x'.repeat(3_000), 'at most 200 characters', 'Deal with a short name', 'Deal with a short name'],
  ] as const) {
    const before = await saved(id, field);
    await mia.edit(field, wrong);
    await complaint(field).getByText(says).waitFor();
    await input(field).press('Tab');
    expect(await input(field).inputValue()).toBe(wrong);
    expect(await saved(id, field)).toBe(before);
    await input(field).fill(right);
    await input(field).press('Enter');
    await input(field).waitFor({ state: 'detached' });
    await until(`${field} is saved`, async () => String(await saved(id, field)) === String(value));
  }
  expect(await mia.page.getByTestId('toast').count()).toBe(0);
});

it('what only the server knows to be wrong is told by the label of the field, and goes when it is mended', async () => {
  await world.rest.call('POST', '/api/crm/deals', { name: 'Deal of another', externalId: 'taken' });
  await newDeal('Deal with an id');
  const toast = mia.page.getByTestId('toast');
  await mia.edit('externalId', 'taken');
  await toast.filter({ hasText: 'External id: ' }).waitFor();
  await mia.edit('externalId', 'free');
  await toast.waitFor({ state: 'detached' });
  await mia.field('externalId').getByText('free').waitFor();
});

it('a list closes when one leaves it, offers stages as the pipeline has them, and no emptiness', async () => {
  await newDeal('Deal with a stage');
  await mia.field('stageId').getByRole('button').click();
  await input('stageId').click();
  const stages = (await world.rest.call('GET', '/api/crm/deal-stages?sort=position')).body.data.map((stage) => String(stage['name']));
  expect(await mia.page.getByRole('option').allInnerTexts()).toEqual(stages);
  expect(await mia.field('stageId').getByRole('button').count()).toBe(0);
  await input('stageId').press('Tab');
  await input('stageId').waitFor({ state: 'detached' });
  expect(await mia.field('position').count()).toBe(0);
});

it('a time is typed, and chosen from the calendar, without leaving the editor', async () => {
  const id = String((await world.rest.call('POST', '/api/crm/tasks', { title: 'Task with a time' })).body['id']);
  await mia.go(`/tasks/${id}`);
  await mia.edit('dueAt', 'tomorrow');
  await complaint('dueAt').getByText('12/31/2026 2:30 PM').waitFor();
  await input('dueAt').fill('12/30/2026 2:30 PM');
  await mia.page.getByRole('button', { name: '31 December 2026' }).click();
  expect(await input('dueAt').inputValue()).toBe('12/31/2026 2:30 PM');
  await input('dueAt').press('Enter');
  const at = await mia.page.evaluate(() => new Date(2026, 11, 31, 14, 30).toISOString());
  await until('it is saved', async () => {
    const due = (await world.rest.call('GET', `/api/crm/tasks/${id}`)).body['dueAt'] as unknown;
    return due !== null && new Date(String(due)).toISOString() === at;
  });
});

it('a dialog keeps what was typed until it is accepted or thrown away on purpose', async () => {
  await mia.go('/leads');
  await mia.page.getByTestId('new-record').click();
  await input('name').fill('Lead in the making');
  await input('score').fill('999');
  await mia.page.mouse.click(5, 400);
  await mia.page.getByTestId('discard-keep').click();
  await mia.page.getByTestId('new-record-save').click();
  await mia.page.getByText('Enter a number from 0 to 100.').waitFor();
  expect(await input('score').inputValue()).toBe('999');
  await input('name').press('Escape');
  await mia.page.getByTestId('discard-confirm').click();
  await input('name').waitFor({ state: 'detached' });
  const found = await world.rest.call('GET', '/api/crm/leads?filter[name]=Lead%20in%20the%20making');
  expect(found.body.data?.filter((lead) => lead['name'] === ('Lead in the making' as never)) ?? []).toEqual([]);
  expect(mia.errors).toEqual([]);
});

it('a required field that was emptied by hand is asked for, not filled with its default', async () => {
  await mia.go('/pipeline');
  await mia.page.getByTestId('new-record').click();
  await input('name').fill('Deal without a currency');
  await input('currency').fill('');
  await mia.page.getByTestId('new-record-save').click();
  await mia.page.getByRole('alert').getByText('Please fill this in').waitFor();
  expect(await input('name').inputValue()).toBe('Deal without a currency');
});

it('a tab with something typed and not saved asks before it goes, and one without does not', async () => {
  await newDeal('Deal in a tab that closes');
  const questions: string[] = [];
  const stay = (dialog: Dialog): void => {
    questions.push(dialog.type());
    void dialog.dismiss();
  };
  mia.page.on('dialog', stay);
  await mia.field('name').getByRole('button').click();
  await input('name').fill('Deal half way');
  await mia.page.close({ runBeforeUnload: true });
  await until('the browser asks', () => questions.length === 1);
  expect(await input('name').inputValue()).toBe('Deal half way');
  await input('name').press('Escape');
  await mia.page.reload();
  await mia.field('name').getByText('Deal in a tab that closes').waitFor();
  expect(questions).toEqual(['beforeunload']);
  mia.page.off('dialog', stay);
});

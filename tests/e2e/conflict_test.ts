// Two people change one field: the later one is told which field, by whom, what stands there now, and chooses.
import { beforeAll, expect, it } from 'vitest';
import { Person } from './support/browser.ts';
import { admin, manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
const WORDS = ['Base', 'Theirs', 'Mine'] as const;
/** Every record page: its collection, a field of it, what a record needs, and what base, theirs and mine are. */
const PAGES: readonly [string, string, Record<string, string>, readonly string[]][] = [
  ['leads', 'jobTitle', { name: 'Lead beside others' }, WORDS],
  ['companies', 'city', { name: 'Company beside others' }, WORDS],
  ['contacts', 'jobTitle', { name: 'Contact beside others' }, WORDS],
  ['deals', 'name', {}, WORDS],
  ['tasks', 'title', {}, WORDS],
  ['activities', 'subject', { kind: 'note' }, WORDS],
  ['phone-calls', 'number', { direction: 'in', at: '2026-01-02T03:04:05Z' }, ['+1 555 0100', '+1 555 0200', '+1 555 0300']],
];
let mia: Person;
let adminName: string;

beforeAll(async () => {
  adminName = String((await world.rest.call('GET', '/api/auth/me')).body['name']);
  mia = await Person.signIn(world.browser, world.proxy.url, manager);
});

/** Both write the same field; the server hears the admin first. */
async function collide(name: string): Promise<string> {
  const created = await world.rest.call('POST', '/api/crm/leads', { name, jobTitle: 'Clerk' });
  const id = String(created.body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  world.proxy.hold();
  try {
    const answer = await world.rest.call('PATCH', `/api/crm/leads/${id}`, { jobTitle: 'Director' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    await mia.edit('jobTitle', 'Buyer');
    await mia.page.getByTestId('connection').getByText('Saving 1 change').waitFor();
  } finally {
    world.proxy.release();
  }
  for (const text of ['Clerk', adminName, 'Job title', 'Director', 'Buyer']) await dialog().getByText(text).first().waitFor();
  await mia.field('jobTitle').getByText('Director').waitFor();
  return id;
}
/** A lead whose page is open, and what happens while the server cannot be reached. */
async function offline(name: string, run: (id: string) => Promise<void>): Promise<string> {
  const id = String((await world.rest.call('POST', '/api/crm/leads', { name, jobTitle: 'Clerk', companyName: 'Before Ltd' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  world.proxy.cut(true);
  try {
    await run(id);
  } finally {
    world.proxy.restore();
  }
  return id;
}
const dialog = () => mia.page.getByRole('dialog').filter({ hasText: 'Two people changed the same' });
const gone = () => mia.page.getByRole('dialog').filter({ hasText: 'The record was deleted' });
const jobTitle = async (id: string) => (await world.rest.call('GET', `/api/crm/leads/${id}`)).body['jobTitle'] as string;
const refusedCount = () => mia.page.getByTestId('refused').count();

it('mine can be kept', async () => {
  const id = await collide('Lead of mine');
  await dialog().getByTestId('conflict-mine').click();
  await dialog().waitFor({ state: 'detached' });
  await mia.field('jobTitle').getByText('Buyer').waitFor();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
  await until('nothing is left to decide', async () => (await refusedCount()) === 0);
});

it('theirs can be taken', async () => {
  const id = await collide('Lead of theirs');
  await dialog().getByTestId('conflict-theirs').click();
  await dialog().waitFor({ state: 'detached' });
  expect(await jobTitle(id)).toBe('Director');
  await mia.field('jobTitle').getByText('Director').waitFor();
  await until('nothing is left to decide', async () => (await refusedCount()) === 0);
});

it('put off, it waits on the page of the record and among what was not saved, also after a reload', async () => {
  const id = await collide('Lead for later');
  await dialog().getByTestId('conflict-later').click();
  await dialog().waitFor({ state: 'detached' });
  await mia.go('/leads');
  await mia.page.getByTestId('refused').click();
  await mia.page.getByTestId('refused-compare').click();
  await dialog().getByText('Director').waitFor();
  await dialog().getByTestId('conflict-later').click();
  await mia.go(`/leads/${id}`);
  await dialog().getByTestId('conflict-later').click();
  await mia.page.getByTestId('record-conflict-compare').click();
  await dialog().getByTestId('conflict-mine').click();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
  await mia.page.getByTestId('record-conflict').waitFor({ state: 'detached' });
});

it('decided in one tab, it is closed in the others', async () => {
  const id = await collide('Lead in two tabs');
  const second = await mia.tab(`/leads/${id}`);
  await second.getByTestId('conflict-mine').click();
  await dialog().waitFor({ state: 'detached' });
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
  await second.close();
});

it('a record that is deleted meanwhile comes back with mine, or stays deleted', async () => {
  for (const back of [true, false]) {
    const id = await collide('Lead in dispute');
    expect((await world.rest.call('DELETE', `/api/crm/leads/${id}`)).status).toBe(204);
    await gone().getByTestId(back ? 'conflict-restore' : 'conflict-forget').click();
    await gone().waitFor({ state: 'detached' });
    if (back) await mia.field('jobTitle').getByText('Buyer').waitFor();
    expect((await world.rest.call('GET', `/api/crm/leads/${id}`)).status).toBe(back ? 200 : 404);
    await until('nothing is left to decide', async () => (await refusedCount()) === 0);
  }
});

it('several changes of a record that is deleted meanwhile are one question, and come back together', async () => {
  const id = await offline('Lead with two changes', async (record) => {
    await mia.edit('jobTitle', 'Buyer');
    await mia.edit('companyName', 'Mine Ltd');
    await mia.page.getByTestId('connection').getByText('2 changes').waitFor();
    await mia.edit('companyName', 'Mine and Sons');
    await world.rest.call('PATCH', `/api/crm/leads/${record}`, { jobTitle: 'Director', companyName: 'Theirs Ltd' });
    expect((await world.rest.call('DELETE', `/api/crm/leads/${record}`)).status).toBe(204);
  });
  for (const text of [`${adminName} deleted the lead`, 'Buyer', 'Mine and Sons']) await gone().getByText(text).first().waitFor();
  await gone().getByTestId('conflict-restore').click();
  await gone().waitFor({ state: 'detached' });
  await mia.field('companyName').getByText('Mine and Sons').waitFor();
  await until('it is back', async () => (await jobTitle(id)) === 'Buyer');
  await until('nothing is left to decide', async () => (await refusedCount()) === 0);
  expect([await gone().count(), await dialog().count()], 'and nothing is asked').toEqual([0, 0]);
});

it('what was undone and done again is one question too', async () => {
  const id = await offline('Lead back and forth', async (record) => {
    await mia.edit('jobTitle', 'Buyer');
    await mia.page.getByTestId('field-jobTitle-input').waitFor({ state: 'detached' });
    await mia.page.keyboard.press('Control+z');
    await mia.field('jobTitle').getByText('Clerk').waitFor();
    await mia.page.keyboard.press('Control+Shift+z');
    await mia.page.getByTestId('undo-toast').getByText('Job title: Buyer').waitFor();
    await world.rest.call('PATCH', `/api/crm/leads/${record}`, { jobTitle: 'Director' });
  });
  await dialog().getByText('Director').waitFor();
  await mia.page.getByTestId('connection').getByText('Live').waitFor();
  expect(await mia.page.getByTestId('refused').getAttribute('aria-label')).toBe('1 change was not saved');
  expect(await mia.page.getByTestId('toast').count(), 'what the box says is not said beside it').toBe(0);
  await mia.page.getByTestId('undo-toast').getByText('Job title: Buyer').waitFor();
  await dialog().getByTestId('conflict-mine').click();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
  await until('nothing is left to decide', async () => (await refusedCount()) === 0);
});

it('fields that two people changed apart both stand', async () => {
  const id = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead of both', jobTitle: 'Clerk' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  world.proxy.cut(true);
  await mia.edit('jobTitle', 'Buyer');
  expect((await world.rest.call('PATCH', `/api/crm/leads/${id}`, { companyName: 'Theirs Ltd' })).status).toBe(200);
  world.proxy.restore();
  await mia.field('companyName').getByText('Theirs Ltd').waitFor();
  await until('mine is on the server', async () => (await jobTitle(id)) === 'Buyer', 20_000);
  expect((await world.rest.call('GET', `/api/crm/leads/${id}`)).body['companyName']).toBe('Theirs Ltd');
  expect(await dialog().count()).toBe(0);
});

it('a field that is being edited says at once that somebody else changed it', async () => {
  const id = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead in work', jobTitle: 'Clerk' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByRole('button').click();
  const input = mia.page.getByTestId('field-jobTitle-input');
  await input.fill('Buy');
  expect((await world.rest.call('PATCH', `/api/crm/leads/${id}`, { jobTitle: 'Director' })).status).toBe(200);
  const mark = mia.page.getByTestId('overtaken');
  await mark.getByText('Director').waitFor({ timeout: 1_000 });
  await mark.getByTestId('overtaken-mine').click();
  await mark.waitFor({ state: 'detached' });
  await input.fill('Buyer');
  await input.press('Enter');
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
  expect(await dialog().count()).toBe(0);
});

it.each(PAGES)('the values stand side by side before anything is sent, on the page of %s', async (collection, field, fields, [base, theirs, mine]) => {
  const path = `/api/crm/${collection}`;
  const created = await world.rest.call('POST', path, { ...fields, [field]: base });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const id = String(created.body['id']);
  const stands = async () => (await world.rest.call('GET', `${path}/${id}`)).body[field] as unknown;
  await mia.go(`/${collection}/${id}`);
  await mia.field(field).getByText(base).waitFor();
  await mia.field(field).getByRole('button').click();
  const input = mia.page.getByTestId(`field-${field}-input`);
  await input.fill(mine);
  expect((await world.rest.call('PATCH', `${path}/${id}`, { [field]: theirs })).status).toBe(200);
  await mia.page.getByTestId('overtaken').getByText(`from ${base} to ${theirs}`).waitFor();
  expect(await input.inputValue()).toBe(mine);
  await input.press('Enter');
  for (const value of [base, theirs, mine]) await dialog().getByText(value, { exact: true }).waitFor();
  expect(await stands()).toBe(theirs);
  await dialog().getByTestId('conflict-later').click();
  await dialog().waitFor({ state: 'detached' });
  expect(await input.inputValue()).toBe(mine);
  await mia.page.getByTestId('overtaken-compare').click();
  await dialog().getByTestId('conflict-mine').click();
  await until('it is on the server', async () => (await stands()) === mine);
  await input.waitFor({ state: 'detached' });
  expect(await refusedCount()).toBe(0);
});

it('what others write between the click into a field and the first key is a conflict; Escape takes theirs', async () => {
  const id = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead looked at', jobTitle: 'Clerk' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  await mia.field('jobTitle').getByRole('button').click();
  expect((await world.rest.call('PATCH', `/api/crm/leads/${id}`, { jobTitle: 'Director' })).status).toBe(200);
  await mia.page.getByTestId('overtaken').getByText('Director').waitFor();
  const input = mia.page.getByTestId('field-jobTitle-input');
  await input.fill('Buyer');
  await input.press('Enter');
  await dialog().getByText('Buyer').waitFor();
  await dialog().getByTestId('conflict-later').click();
  await input.press('Escape');
  await mia.field('jobTitle').getByText('Director').waitFor();
  expect(await jobTitle(id)).toBe('Director');
});

it.each([['is brought back with it', true], ['stays deleted', false]] as const)('a record that is deleted while somebody types %s', async (_, back) => {
  const id = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead that goes', jobTitle: 'Clerk', companyName: 'Kept Ltd' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByRole('button').click();
  await mia.page.getByTestId('field-jobTitle-input').fill('Buyer');
  expect((await world.rest.call('DELETE', `/api/crm/leads/${id}`)).status).toBe(204);
  for (const text of ['Clerk', '(deleted)', 'Buyer']) await gone().getByText(text, { exact: true }).waitFor();
  await gone().getByTestId(back ? 'conflict-restore' : 'conflict-forget').click();
  await gone().waitFor({ state: 'detached' });
  if (back) {
    await mia.field('jobTitle').getByText('Buyer').waitFor();
    await mia.field('companyName').getByText('Kept Ltd').waitFor();
    expect(world.log.records('lead_created').filter((each) => each === id)).toHaveLength(2);
  }
  expect((await world.rest.call('GET', `/api/crm/leads/${id}`)).status).toBe(back ? 200 : 404);
  expect(mia.errors).toEqual([]);
});

it('a deletion that the server heard first is told as one, and undone if the author wants', async () => {
  const id = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead that went', jobTitle: 'Clerk' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  world.proxy.hold();
  try {
    expect((await world.rest.call('DELETE', `/api/crm/leads/${id}`)).status).toBe(204);
    await mia.edit('jobTitle', 'Buyer');
    await mia.page.getByTestId('connection').getByText('Saving 1 change').waitFor();
  } finally {
    world.proxy.release();
  }
  await gone().getByText(`${adminName} deleted`).waitFor();
  await gone().getByTestId('conflict-restore').click();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
  await mia.field('jobTitle').getByText('Buyer').waitFor();
  expect(await refusedCount()).toBe(0);
  expect(mia.errors).toEqual([]);
});

/** The box of the job title is open with other words in it than somebody else has just written. */
async function beginBesideOthers(name: string): Promise<string> {
  const created = await world.rest.call('POST', '/api/crm/leads', { name, jobTitle: 'Clerk' });
  const id = String(created.body['id']);
  await mia.go('/leads');
  await mia.page.getByText(name).first().click();
  await mia.field('jobTitle').getByRole('button').click();
  await mia.page.getByTestId('field-jobTitle-input').fill('Buyer');
  expect((await world.rest.call('PATCH', `/api/crm/leads/${id}`, { jobTitle: 'Director' })).status).toBe(200);
  await mia.field('jobTitle').getByTestId('overtaken').getByText('to Director').waitFor();
  return id;
}

it('whoever keeps mine under the box goes on in it, and it is saved when he leaves', async () => {
  const id = await beginBesideOthers('Lead kept under the box');
  await mia.field('jobTitle').getByTestId('overtaken-mine').click();
  await mia.page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
  await mia.page.getByText('Lead kept under the box').first().click();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
});

it('a conflict goes on being asked when the page is left, and mine can be kept there', async () => {
  const id = await beginBesideOthers('Lead that is left');
  await mia.page.getByTestId('field-jobTitle-input').press('Enter');
  await mia.page.getByTestId('conflict-mine').waitFor();
  await mia.page.goBack();
  await mia.page.waitForURL((url) => url.pathname === '/leads');
  expect(await mia.page.getByTestId('conflict-later').count(), 'there is nothing to go on with').toBe(0);
  await mia.page.getByTestId('conflict-mine').click();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
});

it('who goes back with words in conflict is asked', async () => {
  const id = await beginBesideOthers('Lead left in conflict');
  await mia.page.goBack();
  await mia.page.getByTestId('conflict-mine').click();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
});

it('what was typed is saved when somebody goes back', async () => {
  const id = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead of one who goes back', jobTitle: 'Clerk' })).body['id']);
  await mia.go('/leads');
  await mia.page.getByText('Lead of one who goes back').first().click();
  await mia.field('jobTitle').getByRole('button').click();
  await mia.page.getByTestId('field-jobTitle-input').fill('Buyer');
  await mia.page.goBack();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
});

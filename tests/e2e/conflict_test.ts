// Two people change one field: the later one is told which field, by whom, what stands there now, and chooses.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
import { FaultProxy } from './support/fault_proxy.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

let server: TestServer;
let proxy: FaultProxy;
let browser: Browser;
let rest: RestClient;
let mia: Person;
let adminName: string;

beforeAll(async () => {
  server = await TestServer.start();
  proxy = await FaultProxy.start(server.port);
  rest = await RestClient.login(server.url, admin);
  adminName = String((await rest.call('GET', '/api/auth/me')).body['name']);
  browser = await launch();
  mia = await Person.signIn(browser, proxy.url, manager);
});
afterAll(async () => {
  await browser?.close();
  await proxy?.stop();
  await server?.stop();
});

/** Both write the same field; the server hears the admin first. */
async function collide(name: string): Promise<string> {
  const created = await rest.call('POST', '/api/crm/leads', { name, jobTitle: 'Clerk' });
  const id = String(created.body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  proxy.hold();
  try {
    const answer = await rest.call('PATCH', `/api/crm/leads/${id}`, { jobTitle: 'Director' });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    await mia.edit('jobTitle', 'Buyer');
    await mia.page.getByTestId('connection').getByText('Saving 1 change').waitFor();
  } finally {
    proxy.release();
  }
  for (const text of ['Clerk', adminName, 'Job title', 'Director', 'Buyer']) await dialog().getByText(text).first().waitFor();
  await mia.field('jobTitle').getByText('Director').waitFor();
  return id;
}
const dialog = () => mia.page.getByRole('dialog').filter({ hasText: 'Two people changed the same' });
const jobTitle = async (id: string) => (await rest.call('GET', `/api/crm/leads/${id}`)).body['jobTitle'] as string;
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

it('there is nothing to choose when the record is deleted meanwhile', async () => {
  const id = await collide('Lead in dispute');
  expect((await rest.call('DELETE', `/api/crm/leads/${id}`)).status).toBe(204);
  await dialog().getByTestId('conflict-understood').click();
  await dialog().waitFor({ state: 'detached' });
  await until('nothing is left to decide', async () => (await refusedCount()) === 0);
});

it('fields that two people changed apart both stand', async () => {
  const id = String((await rest.call('POST', '/api/crm/leads', { name: 'Lead of both', jobTitle: 'Clerk' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  proxy.cut(true);
  await mia.edit('jobTitle', 'Buyer');
  expect((await rest.call('PATCH', `/api/crm/leads/${id}`, { companyName: 'Theirs Ltd' })).status).toBe(200);
  proxy.restore();
  await mia.field('companyName').getByText('Theirs Ltd').waitFor();
  await until('mine is on the server', async () => (await jobTitle(id)) === 'Buyer', 20_000);
  expect((await rest.call('GET', `/api/crm/leads/${id}`)).body['companyName']).toBe('Theirs Ltd');
  expect(await dialog().count()).toBe(0);
});

it('a field that is being edited says at once that somebody else changed it', async () => {
  const id = String((await rest.call('POST', '/api/crm/leads', { name: 'Lead in work', jobTitle: 'Clerk' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByRole('button').click();
  const input = mia.page.getByTestId('field-jobTitle-input');
  await input.fill('Buy');
  expect((await rest.call('PATCH', `/api/crm/leads/${id}`, { jobTitle: 'Director' })).status).toBe(200);
  const mark = mia.page.getByTestId('overtaken');
  await mark.getByText('Director').waitFor({ timeout: 1_000 });
  await mark.getByTestId('overtaken-mine').click();
  await mark.waitFor({ state: 'detached' });
  await input.fill('Buyer');
  await input.press('Enter');
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
  expect(await dialog().count()).toBe(0);
});

it('a deletion is told as one', async () => {
  const id = String((await rest.call('POST', '/api/crm/leads', { name: 'Lead that goes', jobTitle: 'Clerk' })).body['id']);
  await mia.go(`/leads/${id}`);
  await mia.field('jobTitle').getByText('Clerk').waitFor();
  proxy.hold();
  try {
    expect((await rest.call('DELETE', `/api/crm/leads/${id}`)).status).toBe(204);
    await mia.edit('jobTitle', 'Buyer');
    await mia.page.getByTestId('connection').getByText('Saving 1 change').waitFor();
  } finally {
    proxy.release();
  }
  await mia.page.getByTestId('toast').getByText(`${adminName} deleted`).waitFor();
  expect(mia.errors).toEqual([]);
});

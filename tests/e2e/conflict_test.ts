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
  const toast = mia.page.getByTestId('toast').filter({ hasText: name });
  for (const text of [adminName, 'Job title', 'Director', 'Buyer']) await toast.getByText(text).first().waitFor();
  await mia.field('jobTitle').getByText('Director').waitFor();
  return id;
}
const jobTitle = async (id: string) => (await rest.call('GET', `/api/crm/leads/${id}`)).body['jobTitle'] as string;

it('mine can be kept', async () => {
  const id = await collide('Lead of mine');
  const toast = mia.page.getByTestId('toast').filter({ hasText: 'Lead of mine' });
  await toast.getByTestId('conflict-mine').click();
  await toast.waitFor({ state: 'detached' });
  await mia.field('jobTitle').getByText('Buyer').waitFor();
  await until('it is on the server', async () => (await jobTitle(id)) === 'Buyer');
});

it('theirs can be taken', async () => {
  const id = await collide('Lead of theirs');
  const toast = mia.page.getByTestId('toast').filter({ hasText: 'Lead of theirs' });
  await toast.getByTestId('conflict-theirs').click();
  await toast.waitFor({ state: 'detached' });
  expect(await jobTitle(id)).toBe('Director');
  await mia.field('jobTitle').getByText('Director').waitFor();
});

it('there is nothing to choose when the record is deleted meanwhile', async () => {
  const id = await collide('Lead in dispute');
  const toast = mia.page.getByTestId('toast').filter({ has: mia.page.getByTestId('conflict-mine') });
  await toast.waitFor();
  expect((await rest.call('DELETE', `/api/crm/leads/${id}`)).status).toBe(204);
  await toast.waitFor({ state: 'detached' });
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

// The tab that leads may go at any moment, in the midst of a write: another takes over, and nothing is lost or doubled.
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectedOn, editOn, offlineReady, Person, recordKept } from './support/browser.ts';
import { STEPS } from './support/change_log.ts';
import { manager, until } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
let mia: Person;
/** The tab that stays. */
let second: Page;
let lead: string;

beforeEach(async () => {
  lead = String((await world.rest.call('POST', '/api/crm/leads', { name: 'Lead of two tabs' })).body['id']);
  mia = await Person.signIn(world.browser, world.proxy.url, manager);
  second = await mia.tab(`/leads/${lead}`);
  await second.getByTestId('field-name').getByText('Lead of two tabs').waitFor();
  await connectedOn(second);
});
afterEach(async () => {
  world.proxy.release();
  world.proxy.restore();
  await mia.context.close();
  expect(mia.errors).toEqual([]);
});

const crash = async (page: Page): Promise<void> => {
  const devtools = await mia.context.newCDPSession(page);
  const gone = new Promise((resolve) => page.once('crash', resolve));
  devtools.send('Page.crash').catch(() => undefined);
  await gone;
};

const ENDS: readonly [string, (page: Page) => Promise<void>][] = [['is closed', (page) => page.close()], ['crashes', crash]];

it.each(ENDS)('the leader %s while others write: every change arrives once, in order', async (_, end) => {
  for (const [field, value] of STEPS.slice(0, 2)) await editOn(second, field, value);
  const ending = end(mia.page);
  for (const [field, value] of STEPS.slice(2)) await editOn(second, field, value);
  await ending;
  await until('the last change is on the server', () => world.log.values(lead, 'jobTitle').length > 0, 20_000);
  await second.getByTestId('connection').getByText('Live').waitFor();
  await second.getByTestId('field-jobTitle').getByText('Stepper').waitFor();
  const fields = STEPS.map(([field]) => field);
  expect(world.log.fields(lead, fields)).toEqual(fields);
});

// Each edit is judged against those before it, which an earlier leader may have sent and forgotten: they are the user's own.
it.each(ENDS)('the leader %s while one field is edited again and again: nobody is in conflict with themselves', async (_, end) => {
  const values = Array.from({ length: 12 }, (_each, i) => `Step ${i + 1}`);
  for (const value of values.slice(0, 4)) await editOn(second, 'jobTitle', value);
  const ending = end(mia.page);
  for (const value of values.slice(4)) await editOn(second, 'jobTitle', value);
  await ending;
  await until('the last change is on the server', () => world.log.values(lead, 'jobTitle').at(-1) === values.at(-1), 20_000);
  await second.getByTestId('connection').getByText('Live').waitFor();
  await second.getByTestId('field-jobTitle').getByText('Step 12').waitFor();
  // Rapid edits fold (SEMANTICS 11): what arrives is some of them, each once, in order.
  const arrived = world.log.values(lead, 'jobTitle');
  expect(arrived).toEqual(values.filter((value) => arrived.includes(value)));
  expect(await second.getByTestId('refused').count()).toBe(0);
  for (const id of ['overtaken', 'conflict-mine']) expect(await second.getByTestId(id).count(), id).toBe(0);
});

it.each(ENDS)('the leader %s while somebody edits: what others changed meanwhile is a conflict with what was seen', async (_, end) => {
  await second.getByTestId('field-jobTitle').getByRole('button').click();
  const input = second.getByTestId('field-jobTitle-input');
  await input.fill('Mine');
  world.proxy.hold();
  try {
    await end(mia.page);
    expect((await world.rest.call('PATCH', `/api/crm/leads/${lead}`, { jobTitle: 'Theirs' })).status).toBe(200);
  } finally {
    world.proxy.release();
  }
  await second.getByTestId('overtaken').getByText('to Theirs').waitFor();
  expect(await input.inputValue()).toBe('Mine');
  await input.press('Enter');
  await second.getByTestId('conflict-mine').click();
  await until('it is on the server', () => world.log.values(lead, 'jobTitle').at(-1) === 'Mine', 20_000);
});

// The next leader begins with what is stored, and cannot catch up before the decision.
it.each(ENDS)('the leader %s while a conflict is on the screen: it stays there, and is decided once', async (_, end) => {
  await Promise.all([offlineReady(mia.page), offlineReady(second), recordKept(second, lead)]);
  await second.getByTestId('field-jobTitle').getByRole('button').click();
  const input = second.getByTestId('field-jobTitle-input');
  await input.fill('Mine');
  expect((await world.rest.call('PATCH', `/api/crm/leads/${lead}`, { jobTitle: 'Theirs' })).status).toBe(200);
  await second.getByTestId('overtaken').getByText('to Theirs').waitFor();
  await input.press('Enter');
  const mine = second.getByTestId('conflict-mine');
  await mine.waitFor();
  world.proxy.cut(true);
  await end(mia.page);
  await second.waitForFunction(async () => (await navigator.locks.query()).held?.some(({ name }) => name?.endsWith(':host')));
  await second.locator('[data-testid=connection][data-state=disconnected]').waitFor();
  await mine.click();
  await second.getByTestId('field-jobTitle').getByText('Mine').waitFor();
  await second.getByTestId('connection').getByText('Offline: 1 change waiting').waitFor();
  world.proxy.restore();
  await until('it is on the server', () => world.log.values(lead, 'jobTitle').at(-1) === 'Mine', 20_000);
  await second.getByTestId('connection').getByText('Live').waitFor();
  for (const id of ['refused', 'conflict-mine']) expect(await second.getByTestId(id).count(), id).toBe(0);
});

it.each(ENDS)('the leader %s with changes that the server has not got: the next one sends them', async (_, end) => {
  await Promise.all([offlineReady(mia.page), offlineReady(second), recordKept(second, lead)]);
  world.proxy.cut(true);
  await second.locator('[data-testid=connection]:not([data-state=connected])').waitFor();
  for (const value of ['Offline 1', 'Offline 2']) await editOn(second, 'jobTitle', value);
  await editOn(second, 'companyName', 'Offline Ltd');
  await end(mia.page);
  // Whoever leads now has them, and has not sent them either.
  await second.getByTestId('field-jobTitle').getByText('Offline 2').waitFor();
  await second.getByTestId('connection').getByText('Offline: 3 changes waiting').waitFor();
  await editOn(second, 'jobTitle', 'Offline 3');
  world.proxy.restore();
  await until('all changes are on the server', () => world.log.values(lead, 'jobTitle').length + world.log.values(lead, 'companyName').length === 4, 20_000);
  expect(world.log.values(lead, 'jobTitle')).toEqual(['Offline 1', 'Offline 2', 'Offline 3']);
  await second.getByTestId('connection').getByText('Live').waitFor();
});

it.each(ENDS)('the leader %s: a list that is on the screen is what it was, and goes on', async (_, end) => {
  const board = await mia.tab('/pipeline');
  const columns = board.locator('[data-testid^=board-column-]');
  await columns.first().waitFor();
  await connectedOn(board);
  const ids = (): Promise<(string | null)[]> => columns.evaluateAll((all) => all.map((each) => each.getAttribute('data-testid')));
  const before = await ids();
  await end(mia.page);
  await second.close();
  await board.waitForFunction(async () => (await navigator.locks.query()).held?.some(({ name }) => name?.endsWith(':host')));
  const { body } = await world.rest.call('POST', '/api/crm/deals', { name: 'After the leader', position: 1, stageId: before[0]!.slice('board-column-'.length) });
  await board.getByTestId(`board-card-${String(body['id'])}`).waitFor();
  expect(await ids()).toEqual(before);
});

it('a tab opened later takes the place of all that are gone', async () => {
  await mia.page.close();
  await second.close();
  const third = await mia.tab(`/leads/${lead}`);
  await connectedOn(third);
  await editOn(third, 'jobTitle', 'Alone');
  await until('it is on the server', () => world.log.values(lead, 'jobTitle').at(-1) === 'Alone');
});

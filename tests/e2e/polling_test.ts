// WebSockets are blocked, as behind some companies' proxies: the application goes on by requests, says so, loses and doubles
// nothing, and comes back to the WebSocket by itself.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
import { STEPS } from './support/change_log.ts';
import { admin, manager, until } from './support/server.ts';
import { closePlace, openPlace, type Place } from './support/world.ts';

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(async () => browser?.close());

/** Each test has a place of its own: some wait for a minute, side by side. */
interface PlaceOfLead extends Place {
  readonly lead: string;
}

async function inPlace(run: (place: PlaceOfLead) => Promise<void>): Promise<void> {
  const opening = {};
  try {
    const place = await openPlace(opening);
    const lead = String((await place.rest.call('POST', '/api/crm/leads', { name: 'Behind the proxy', jobTitle: 'Clerk' })).body['id']);
    await run({ ...place, lead });
  } finally {
    await closePlace(opening);
  }
}

const patience = 30_000;
const says = (person: Person, text: string, timeout = patience) =>
  person.page.getByTestId('connection').getByText(text).waitFor({ timeout });
const by = (person: Person, transport: 'websocket' | 'poll') =>
  person.page.locator(`[data-testid=connection][data-state=connected][data-transport=${transport}]`).waitFor({ timeout: patience });

/** A browser that gets no WebSocket, and one that does, both on the lead. */
async function twoPeople({ server, proxy, lead }: PlaceOfLead): Promise<{ readonly mia: Person; readonly ole: Person }> {
  proxy.blockUpgrades();
  const mia = await Person.signIn(browser, proxy.url, manager, { patience });
  const ole = await Person.signIn(browser, server.url, admin);
  for (const person of [mia, ole]) {
    await person.go(`/leads/${lead}`);
    await person.field('name').getByText('Behind the proxy').waitFor();
  }
  return { mia, ole };
}

async function close(...people: readonly Person[]): Promise<void> {
  for (const person of people) {
    expect(person.errors).toEqual([]);
    await person.context.close();
  }
}

it.concurrent('edits travel both ways, the indicator says so, and the WebSocket is taken up again by itself', () => inPlace(async (place) => {
  const { proxy, rest, log, lead } = place;
  const { mia, ole } = await twoPeople(place);
  await by(mia, 'poll');
  await by(ole, 'websocket');
  await says(mia, 'Live updates are blocked here: asking the server instead');
  await mia.edit('jobTitle', 'Polled');
  await ole.field('jobTitle').getByText('Polled').waitFor();
  await ole.edit('companyName', 'Open Door Ltd');
  await mia.field('companyName').getByText('Open Door Ltd').waitFor();
  // That of the page before the sign-in may not be over yet.
  expect(await rest.metric('syncline_polled_sessions')).toBeGreaterThan(0);
  proxy.restore();
  // A click asks at once; otherwise a WebSocket is tried every minute.
  await mia.page.getByTestId('connection').click();
  await by(mia, 'websocket');
  await says(mia, 'Live');
  await until('the polled connections are over', async () => (await rest.metric('syncline_polled_sessions')) === 0, 100_000);
  await mia.edit('phone', '+44 20 7946 0002');
  await ole.field('phone').getByText('+44 20 7946 0002').waitFor();
  expect(log.values(lead, 'jobTitle')).toEqual(['Clerk', 'Polled']);
  expect(log.values(lead, 'companyName')).toEqual(['Open Door Ltd']);
  await close(mia, ole);
}), 200_000);

it.concurrent('without a click the WebSocket is taken up within its minute', () => inPlace(async (place) => {
  const { proxy } = place;
  const { mia, ole } = await twoPeople(place);
  await by(mia, 'poll');
  proxy.restore();
  await mia.page.locator('[data-testid=connection][data-transport=websocket]').waitFor({ timeout: 90_000 });
  await close(mia, ole);
}), 150_000);

it('answers that are cut in the middle lose nothing and double nothing', () => inPlace(async (place) => {
  const { proxy, log, lead, server } = place;
  const { mia, ole } = await twoPeople(place);
  await by(mia, 'poll');
  for (const [field, value] of STEPS) {
    // The answer to the change itself, or the news of the other's one: either is cut, in turn.
    const cut = proxy.cutNextAnswer('POST /api/sync', field.length % 2 === 0 ? 1 : 20);
    await mia.edit(field, value);
    await cut;
  }
  await until('all changes have arrived', () => STEPS.every(([field]) => log.values(lead, field).length > 0));
  const cut = proxy.cutNextAnswer('POST /api/sync', 5);
  await ole.page.goto(`${server.url}/leads/${lead}`);
  await ole.edit('name', 'Cut and healed');
  await cut;
  await mia.field('name').getByText('Cut and healed').waitFor();
  await by(mia, 'poll');
  for (const [field] of STEPS) expect(new Set(log.values(lead, field)).size, field).toBe(log.values(lead, field).length);
  expect(log.values(lead, 'companyName')).toEqual(['Step Ltd']);
  await says(mia, 'Live updates are blocked here');
  await close(mia, ole);
}), 120_000);

it('where long requests are cut too, the server is asked every 5 s, and a click asks now', () => inPlace(async (place) => {
  const { proxy, log, lead } = place;
  const { mia, ole } = await twoPeople(place);
  proxy.cutAnswersAfter(2_000);
  await says(mia, 'Live updates are blocked here: refreshing every 5 s');
  await ole.edit('jobTitle', 'Five seconds');
  await mia.field('jobTitle').getByText('Five seconds').waitFor({ timeout: 15_000 });
  await mia.edit('companyName', 'At once Ltd');
  await ole.field('companyName').getByText('At once Ltd').waitFor();
  await ole.edit('phone', '+44 20 7946 0003');
  await mia.page.getByTestId('connection').click();
  await mia.field('phone').getByText('+44 20 7946 0003').waitFor({ timeout: 3_000 });
  expect(log.values(lead, 'companyName')).toEqual(['At once Ltd']);
  await close(mia, ole);
}), 120_000);

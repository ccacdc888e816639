// The dashboard in one browser while another one works: its figures are REST's, they move when somebody else changes what they
// count, and nothing else moves then.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
import { admin, manager, RestClient, TestServer, until } from './support/server.ts';

// REST counts UTC days, a dashboard those of its place.
const UTC = { timezoneId: 'UTC' };

let server: TestServer;
let browser: Browser;
let rest: RestClient;
let mia: Person;

beforeAll(async () => {
  server = await TestServer.start();
  rest = await RestClient.login(server.url, manager);
  browser = await launch();
  mia = await Person.signIn(browser, server.url, manager, UTC);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** What the cards hold, by name. */
async function figures(page: Page, when: 'now' | 'before'): Promise<Record<string, number | null>> {
  return Object.fromEntries(await page.locator('[data-testid^=kpi-]').evaluateAll((cards, which) => cards.map((card) => {
    const value = (card as HTMLElement).dataset[which];
    return [(card as HTMLElement).dataset['testid']!.replace('kpi-', ''), value === undefined ? null : Number(value)];
  }), when));
}
/** The cells of a table by its lines' names. */
async function table(page: Page, testid: string): Promise<Record<string, string[]>> {
  return Object.fromEntries(await page.getByTestId(testid).locator('tbody tr').evaluateAll((lines) => lines.map((line) =>
    [line.querySelector('th')!.textContent, [...line.querySelectorAll('td')].map((cell) => cell.textContent)])));
}
async function settled(page: Page): Promise<void> {
  await page.getByTestId('kpi-activities').and(page.locator('[data-now]')).waitFor();
  await until('every card has answered', async () => (await page.locator('section .mantine-Skeleton-root').count()) === 0);
}

type Metrics = Record<string, string | number | null>;
const number = (value: string | number | null | undefined) => (value === null || value === undefined ? null : Number(value));
const figuresOf = (metrics: Metrics) => ({
  newLeads: number(metrics['newLeads']), conversion: number(metrics['conversionRate']), openValue: number(metrics['openPipelineValue']),
  wonValue: number(metrics['wonValue']), revenue: number(metrics['revenue']), tasksDue: number(metrics['tasksDue']), activities: number(metrics['activities']),
});
/** REST has four digits of a share. */
const rounded = (all: Record<string, number | null>) =>
  ({ ...all, conversion: all['conversion'] === null ? null : Math.round(all['conversion']! * 10_000) / 10_000 });

describe('the figures', () => {
  it.each([7, 30, 90])('are those of REST, and so is what they were: %i days', async (days) => {
    await mia.go(`/?days=${days}`);
    await settled(mia.page);
    const metrics = (await rest.call('GET', `/api/crm/metrics?days=${days}`)).body as unknown as Metrics & { previous: Metrics };
    expect(rounded(await figures(mia.page, 'now'))).toEqual(figuresOf(metrics));
    expect(rounded(await figures(mia.page, 'before'))).toEqual(figuresOf(metrics.previous));
  });

  it('by stage, by source and by status too', async () => {
    await mia.go('/');
    await settled(mia.page);
    const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
    const money = (text: unknown) => compact.format(Number(text));
    const { stages } = (await rest.call('GET', '/api/crm/pipeline')).body as unknown as { stages: Record<string, unknown>[] };
    expect(await table(mia.page, 'pipeline')).toEqual(Object.fromEntries(stages.map((stage) =>
      [stage['name'], [String(stage['count']), money(stage['value']), money(stage['weightedValue'])]])));
    const analytics = (await rest.call('GET', '/api/crm/lead-analytics')).body as unknown as {
      bySource: Record<string, unknown>[]; byStatus: { leads: number }[]; averageDaysToConvert: string;
    };
    expect(await table(mia.page, 'sources')).toEqual(Object.fromEntries(analytics.bySource.map((source) => [
      source['name'] ?? 'No source',
      [String(source['leads']), String(source['converted']), source['conversionRate'] === null ? '–' : `${(100 * Number(source['conversionRate'])).toFixed(1)} %`],
    ])));
    expect(await mia.page.getByTestId('statuses').locator('dd').allTextContents()).toEqual(analytics.byStatus.map(({ leads }) => String(leads)));
    expect(await mia.page.getByTestId('time-to-convert').innerText()).toBe(`${analytics.averageDaysToConvert} days to convert`);
  });
});

it('the period is chosen on the page and stands in the address', async () => {
  await mia.go('/');
  await mia.page.getByTestId('period').getByText('7 days').click();
  await mia.page.waitForURL('**/?days=7');
  await mia.page.reload();
  await mia.connected();
  await settled(mia.page);
  expect(await mia.page.getByTestId('period').locator('input:checked').getAttribute('value')).toBe('7');
});

/** Writes down which of a page's subscriptions hear of something: what the core tells the tab, as it tells it. */
const LISTEN = `{
  const heard = new Set();
  window.heardQueries = () => { const count = heard.size; heard.clear(); return count; };
  window.SharedWorker = class extends SharedWorker {
    constructor(...of) {
      super(...of);
      this.port.addEventListener('message', ({ data }) => { for (const { query } of data.updates ?? []) heard.add(query); });
    }
  };
}`;
const heard = (page: Page) => page.evaluate(() => (window as unknown as { heardQueries: () => number }).heardQueries());

/** Which cards were drawn anew since the last call. */
async function watch(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const moved = new Set<string>();
    const cardOf = (node: Node) => (node instanceof Element ? node : node.parentElement)?.closest('section [data-testid]:is(.mantine-Card-root)');
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const card = cardOf(target);
        if (card) moved.add(card.getAttribute('data-testid')!);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    (window as unknown as { movedCards: () => string[] }).movedCards = () => {
      const names = [...moved].sort();
      moved.clear();
      return names;
    };
  });
  return () => page.evaluate(() => (window as unknown as { movedCards: () => string[] }).movedCards());
}

it('moves when another browser changes a lead, and only where that lead counts', async () => {
  const lead = `/leads/${String((await rest.call('POST', '/api/crm/leads', { name: 'Somebody new' })).body['id'])}`;
  const noah = await Person.signIn(browser, server.url, admin);
  await noah.go(lead);
  await mia.page.addInitScript(LISTEN);
  await mia.go('/');
  await settled(mia.page);
  const { page } = mia;
  const bySource = async () => (await table(page, 'sources'))['Website']?.[0];
  const before = Number(await bySource());
  const moved = await watch(page);
  expect(await heard(page)).toBeGreaterThan(15);

  // First what no figure reads: had it moved a card, it would have done so before what follows.
  await noah.edit('phone', '+49 30 1234567');
  await until('the server has the phone', async () => (await rest.call('GET', `/api/crm${lead}`)).body['phone'] !== null);
  await noah.field('sourceId').getByRole('button').click();
  await noah.page.getByTestId('field-sourceId-input').click();
  await noah.page.getByRole('option', { name: 'Website' }).click();
  await until('the lead counts for its source', async () => (await bySource()) === String(before + 1));
  expect(await moved()).toEqual(['sources']);
  expect(await heard(page)).toBe(1);

  const newLeads = (await figures(page, 'now'))['newLeads']!;
  await rest.call('POST', '/api/crm/leads', { name: 'One more' });
  const cards = new Set<string>();
  await until('a new lead counts in all that counts leads', async () => {
    for (const card of await moved()) cards.add(card);
    return ['kpi-newLeads', 'sources', 'statuses'].every((card) => cards.has(card));
  });
  expect((await figures(page, 'now'))['newLeads']).toBe(newLeads + 1);
  expect([...cards].filter((card) => !['kpi-conversion', 'kpi-newLeads', 'sources', 'statuses'].includes(card))).toEqual([]);
  expect(await heard(page)).toBe(3);
  expect([...mia.errors, ...noah.errors]).toEqual([]);
  await noah.context.close();
});

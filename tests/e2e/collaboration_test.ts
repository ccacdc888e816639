// Two people in two browsers: what one does, the other sees within a second, without reload; and the author's own screen
// does not wait for the server.
import { beforeAll, describe, expect, it } from 'vitest';
import { Person } from './support/browser.ts';
import { admin, manager } from './support/server.ts';
import { startWorld } from './support/world.ts';

const world = startWorld();
const WITHIN_MS = 1_000;

let mia: Person;
let tom: Person;

beforeAll(async () => {
  mia = await Person.signIn(world.browser, world.proxy.url, manager);
  tom = await Person.signIn(world.browser, world.server.url, admin);
});

async function newLead(name: string): Promise<string> {
  const answer = await world.rest.call('POST', '/api/crm/leads', { name, companyName: `${name} Ltd`, value: '1000.00' });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return String(answer.body['id']);
}

describe('one person acts, the other sees', () => {
  it('an inline edit', async () => {
    const id = await newLead('Edited lead');
    await Promise.all([mia.go(`/leads/${id}`), tom.go(`/leads/${id}`)]);
    await tom.field('companyName').getByText('Edited lead Ltd').waitFor();
    await mia.edit('companyName', 'Renamed Works');
    await tom.field('companyName').getByText('Renamed Works').waitFor({ timeout: WITHIN_MS });
  });

  it('a new lead', async () => {
    await Promise.all([mia.go('/leads'), tom.go('/leads')]);
    await tom.page.getByTestId('list-count').waitFor();
    await mia.page.getByTestId('new-record').click();
    await mia.page.getByTestId('field-name-input').fill('Brand new lead');
    await mia.page.getByTestId('new-record-save').click();
    await tom.page.getByTestId('list').getByText('Brand new lead').waitFor({ timeout: WITHIN_MS });
  });

  it('a delete', async () => {
    const id = await newLead('Doomed lead');
    await Promise.all([mia.go(`/leads/${id}`), tom.go('/leads')]);
    await tom.page.getByTestId(`row-${id}`).waitFor();
    await mia.page.getByTestId('record-menu').click();
    await mia.page.getByTestId('delete').click();
    await mia.page.getByTestId('delete-confirm').click();
    await tom.page.getByTestId(`row-${id}`).waitFor({ state: 'detached', timeout: WITHIN_MS });
  });

  it('a drag on the board, with count and sum of both stages', async () => {
    const stages = (await world.rest.call('GET', '/api/crm/deal-stages?sort=position')).body.data;
    const [first, second] = [String(stages[0]!['id']), String(stages[1]!['id'])];
    const created = await world.rest.call('POST', '/api/crm/deals', { name: 'Dragged deal', stageId: first, value: '123.00', position: 1 });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    const id = String(created.body['id']);
    await Promise.all([mia.go('/pipeline'), tom.go('/pipeline')]);
    const card = mia.page.getByTestId(`board-column-${first}`).getByTestId(`board-card-${id}`);
    await card.waitFor();
    await tom.page.getByTestId(`board-card-${id}`).waitFor();
    const countOf = async (stage: string) => Number((await tom.page.getByTestId(`board-count-${stage}`).innerText()).replaceAll(',', ''));
    const before = await countOf(second);
    await mia.drag(card, mia.page.getByTestId(`board-column-${second}`));
    await tom.page.getByTestId(`board-column-${second}`).getByTestId(`board-card-${id}`).waitFor({ timeout: WITHIN_MS });
    expect(await countOf(second)).toBe(before + 1);
  });

  it('a conversion', async () => {
    const id = await newLead('Converted lead');
    await Promise.all([mia.go(`/leads/${id}`), tom.go(`/leads/${id}`)]);
    await tom.field('status').getByText('New').waitFor();
    await mia.page.getByTestId('convert').click();
    await mia.page.getByTestId('convert-confirm').click();
    await tom.field('status').getByText('Converted').waitFor({ timeout: WITHIN_MS });
  });
});

describe('the author does not wait', () => {
  it('an edit shows while the answer is held back', async () => {
    const id = await newLead('Held lead');
    await mia.go(`/leads/${id}`);
    await mia.field('companyName').getByText('Held lead Ltd').waitFor();
    world.proxy.hold();
    try {
      await mia.edit('companyName', 'Shown at once');
      await mia.field('companyName').getByText('Shown at once').waitFor({ timeout: WITHIN_MS });
      await mia.page.getByTestId('connection').getByText('Saving 1 change').waitFor({ timeout: WITHIN_MS });
    } finally {
      world.proxy.release();
    }
    await mia.page.getByTestId('connection').getByText('Live').waitFor();
    const answer = await world.rest.call('GET', `/api/crm/leads/${id}`);
    expect(answer.body['companyName']).toBe('Shown at once');
  });

  it('a rejection is rolled back on the screen, and a toast says why', async () => {
    const id = await newLead('Contested lead');
    await mia.go(`/leads/${id}`);
    await mia.field('status').getByText('New').waitFor();
    world.proxy.hold();
    try {
      const done = await world.rest.call('POST', `/api/crm/leads/${id}/convert`, {});
      expect(done.status, JSON.stringify(done.body)).toBe(200);
      await mia.page.getByTestId('convert').click();
      await mia.page.getByTestId('convert-confirm').click();
      await mia.field('status').getByText('Converted').waitFor({ timeout: WITHIN_MS });
      await mia.page.getByTestId('connection').getByText('Saving 1 change').waitFor();
    } finally {
      world.proxy.release();
    }
    await mia.page.getByTestId('toast').getByText(/converted before/).waitFor();
    await mia.page.getByTestId('connection').getByText('Live').waitFor();
    // Exactly one conversion happened: one deal of that name, made by the one who was first.
    const deals = await world.rest.call('GET', `/api/crm/deals?name=${encodeURIComponent('Contested lead')}&count=true`);
    expect(deals.body['total']).toBe(1);
  });
});

it('nobody saw an error in the console', () => {
  expect([...mia.errors, ...tom.errors]).toEqual([]);
});

// Real input: the public CRM sample is imported into an unseeded database while two browsers look at the board. Both end
// with the counts and values that plain awk finds in the CSV; importing again changes nothing.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, Person } from './support/browser.ts';
import { RestClient, TestServer, until } from './support/server.ts';

const root = resolve(import.meta.dirname, '../..');
const data = join(process.env['SYNCLINE_DATA'] ?? resolve(root, '../shared/data'), 'crm-sales');
const mapping = join(root, 'docs/import/crm-sales/crm-sales.json');
const files = ['accounts.csv', 'sales_teams.csv', 'sales_pipeline.csv'].map((name) => join(data, name));
const people = [
  { email: 'one@example.com', password: 'import-test-1' },
  { email: 'two@example.com', password: 'import-test-2' },
];

interface Total {
  readonly count: number;
  readonly value: number;
}

/** Count and sum of close_value per deal_stage; no cell of this file is quoted. */
function awkTotals(): Map<string, Total> {
  const program = 'NR > 1 { n[$5]++; v[$5] += $8 } END { for (s in n) printf "%s\\t%d\\t%d\\n", s, n[s], v[s] }';
  const lines = execFileSync('awk', ['-F,', program, files[2]!]).toString().trim().split('\n');
  return new Map(lines.map((line) => {
    const [stage, count, value] = line.split('\t');
    return [stage!, { count: Number(count), value: Number(value) }];
  }));
}

async function boardTotals(person: Person, stages: ReadonlyMap<string, string>): Promise<Map<string, Total>> {
  const totals = new Map<string, Total>();
  for (const [name, id] of stages) {
    const count = await person.page.getByTestId(`board-count-${id}`).innerText();
    const value = await person.page.getByTestId(`board-sum-${id}`).getAttribute('data-value');
    totals.set(name, { count: Number(count.replaceAll(',', '')), value: Number(value) });
  }
  return totals;
}

describe.skipIf(!existsSync(data))('the public CRM sample', () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await TestServer.start(people);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('arrives on two open boards and equals what awk finds', async () => {
    const watchers = [await Person.signIn(browser, server.url, people[0]!), await Person.signIn(browser, server.url, people[1]!)];
    for (const watcher of watchers) await watcher.go('/pipeline');
    const command = ['import', '--db', server.database, '--mapping', mapping, ...files];
    const printed = await server.command(...command);
    expect(printed).toMatch(/sales_pipeline\.csv.*8,800 inserted, 0 updated, 0 unchanged/s);

    const rest = await RestClient.login(server.url, people[0]!);
    const expected = awkTotals();
    const rows = (await rest.call('GET', '/api/crm/deal-stages?limit=100')).body.data;
    const stages = new Map(rows.map((row) => [String(row['name']), String(row['id'])]).filter(([name]) => expected.has(name!)) as [string, string][]);
    expect([...stages.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const watcher of watchers) {
      await until('the board shows what the file says', async () => {
        const totals = await boardTotals(watcher, stages);
        return [...expected].every(([name, total]) => totals.get(name)?.count === total.count && totals.get(name)?.value === total.value);
      }, 20_000);
      expect(watcher.errors).toEqual([]);
    }

    const version = async () => (await rest.call('GET', '/api/crm/deals?limit=1')).headers.get('syncline-version');
    const before = await version();
    expect(await server.command(...command)).toMatch(/sales_pipeline\.csv.*0 inserted, 0 updated, 8,800 unchanged/s);
    expect(await version()).toBe(before);
  }, 180_000);
});

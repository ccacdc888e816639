// What a browser must fetch before it shows anything: without the charts, which come when the dashboard does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectedOn, launch, Person } from './support/browser.ts';
import { manager, TestServer } from './support/server.ts';

const FIRST_SCRIPTS_MAX_GZIPPED = 350_000;

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  server = await TestServer.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

it('the scripts of the first page are small and hold no charts', () => {
  const web = process.env['SYNCLINE_WEB']!;
  const html = readFileSync(join(web, 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
  expect(scripts).not.toEqual([]);
  const gzipped = scripts.reduce((sum, path) => sum + readFileSync(join(web, `${path}.gz`)).length, 0);
  expect(gzipped).toBeLessThan(FIRST_SCRIPTS_MAX_GZIPPED);
  for (const path of scripts) expect(readFileSync(join(web, path), 'utf8')).not.toContain('recharts-');
});

it('the dashboard has its shape while its charts are on their way', async () => {
  const context = await browser.newContext();
  // A kept copy of the application would be there at once.
  await context.addInitScript(() => Object.defineProperty(navigator, 'serviceWorker', { value: undefined }));
  const mia = await Person.inContext(context, server.url, manager);
  const page = await mia.context.newPage();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(/dashboard_page.*\.js$/, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(`${server.url}/`);
  await page.getByTestId('dashboard-skeleton').waitFor();
  await connectedOn(page);
  release();
  await page.getByTestId('kpi-newLeads').waitFor();
  await page.locator('.recharts-surface').first().waitFor();
  expect(await page.getByTestId('dashboard-skeleton').count()).toBe(0);
  expect(mia.errors).toEqual([]);
});

// A newer version of the application: found while people work, offered, and there after the reload; the old copy is removed.
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, offlineReady, Person } from './support/browser.ts';
import { manager, TestServer } from './support/server.ts';

const root = mkdtempSync(join(tmpdir(), 'syncline-web-'));
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  cpSync(process.env['SYNCLINE_WEB']!, root, { recursive: true });
  server = await TestServer.start('demo', root);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Writes a file of the build without its compressed forms. */
function replace(name: string, change: (text: string) => string): { readonly before: string; readonly after: string } {
  const path = join(root, name);
  const hash = () => createHash('sha256').update(readFileSync(path)).digest('hex');
  const before = hash();
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  for (const form of ['gz', 'br']) rmSync(`${path}.${form}`, { force: true });
  return { before, after: hash() };
}

it('is offered, and runs after the reload', async () => {
  const mia = await Person.signIn(browser, server.url, manager);
  await offlineReady(mia.page);
  const banner = mia.page.getByTestId('reload-banner');
  expect(await banner.count()).toBe(0);

  const page = replace('index.html', (text) => text.replace('<title>', '<meta name="build" content="next"><title>'));
  replace('service_worker.js', (text) => text.replace(page.before, page.after));
  // The kept copy is what a reload shows as long as nobody has asked for the new one.
  await mia.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  await banner.waitFor();
  const build = () => mia.page.locator('meta[name=build]').count();
  expect(await build()).toBe(0);
  await mia.page.getByTestId('reload').click();
  await mia.page.waitForFunction(() => document.querySelector('meta[name=build]') !== null);
  await mia.connected();
  expect(await banner.count()).toBe(0);
  const kept = await mia.page.evaluate(async () => (await (await caches.open('syncline-shell')).keys()).map(({ url }) => new URL(url).pathname));
  expect(new Set(kept).size).toBe(kept.length);
  expect(kept.filter((path) => path.startsWith('/api'))).toEqual([]);
  expect(mia.errors).toEqual([]);
  await mia.context.close();
});

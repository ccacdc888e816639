// Real Chromium, and the application in it as a person uses it.
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { type Account, until } from './server.ts';

/** Where the engine runs, where a test does not say: by itself, or as SYNCLINE_E2E_HOST says. The application remembers it. */
const HOST = process.env['SYNCLINE_E2E_HOST'] as HostKind | undefined;
const LOOK = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };

type HostKind = 'shared' | 'leader';
interface PersonOptions {
  readonly host?: HostKind;
  /** How long it may take until the application is live. */
  readonly patience?: number;
}
type ContextOptions = PersonOptions & BrowserContextOptions;

const CHROMIUM = {
  executablePath: process.env['SYNCLINE_CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
};

export async function launch(): Promise<Browser> {
  return chromium.launch(CHROMIUM);
}

/** A browser on a profile that stays; `kill` ends it as a crash does. */
export async function launchOn(profile: string): Promise<{ readonly context: BrowserContext; readonly kill: () => Promise<void> }> {
  const context = await chromium.launchPersistentContext(profile, { ...CHROMIUM, ...LOOK });
  const kill = async (): Promise<void> => {
    const gone = new Promise((resolve) => context.once('close', resolve));
    // The lock of a profile names its browser's process: host-pid.
    process.kill(Number(readlinkSync(join(profile, 'SingletonLock')).split('-').at(-1)), 'SIGKILL');
    await gone;
  };
  return { context, kill };
}

/** The application is kept in this browser and serves this page. */
export async function offlineReady(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

/**
 * This browser keeps the query of this record's page with what the server answered: rows are written a moment behind what is
 * shown, and what is shown may have come with another query.
 */
export async function recordKept(page: Evaluates, id: string): Promise<void> {
  await until('the record is kept for offline use', () => page.evaluate(queryIsKept, id.replaceAll('-', '')), 20_000);
}

/** A page, whoever drives it. */
interface Evaluates {
  evaluate(run: (digits: string) => Promise<boolean>, digits: string): Promise<boolean>;
}

/** Runs in the page. */
async function queryIsKept(digits: string): Promise<boolean> {
  const requested = <T>(request: IDBRequest<T>) => new Promise<T>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const name = (await indexedDB.databases()).find((each) => each.name?.startsWith('syncline:'))?.name;
  if (!name) return false;
  const database = await requested(indexedDB.open(name));
  const rows = await requested(database.transaction('state').objectStore('state').get('rows') as IDBRequest<Uint8Array | undefined>);
  database.close();
  // As a constant of a query an id comes after its kind; rows and their keys have none.
  const hex = Array.from(rows ?? [], (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.includes(`05${digits}`);
}

/** A browser that starts beside others on two cores takes its time. */
const CONNECTED_WITHIN_MS = 30_000;

export async function connectedOn(page: Page, timeout = CONNECTED_WITHIN_MS): Promise<void> {
  await page.locator('[data-testid=connection][data-state=connected]').waitFor({ timeout });
}
/** From the login page to the live application. */
export async function signInOn(page: Page, account: Account, timeout?: number): Promise<void> {
  await page.getByTestId('login-email').fill(account.email);
  await page.getByTestId('login-password').fill(account.password);
  await page.getByTestId('login-submit').click();
  await connectedOn(page, timeout);
}
/** Edits a text or number field of a record page in place and leaves it with Enter. */
export async function editOn(page: Page, name: string, value: string, timeout = 30_000): Promise<void> {
  await page.getByTestId(`field-${name}`).getByRole('button').first().click({ timeout });
  const input = page.getByTestId(`field-${name}-input`);
  await input.fill(value, { timeout });
  await input.press('Enter', { timeout });
}
/** Asks for a sign-out; a dialog may come. */
export async function askToSignOut(page: Page): Promise<void> {
  await page.getByTestId('user-menu').click();
  await page.getByTestId('sign-out').click();
}

/** One person: a context of its own, signed in, with every console error collected. */
export class Person {
  readonly errors: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  /** Signs in with a new page of this context. */
  static async inContext(context: BrowserContext, url: string, account: Account, { host = HOST, patience }: PersonOptions = {}): Promise<Person> {
    const page = await context.newPage();
    const person = new Person(context, page, url);
    page.on('pageerror', (error) => person.errors.push(String(error)));
    page.on('console', (message) => {
      // Refused requests are the fault proxy's doing and the browser's own words; what our code logs is not.
      if (message.type() === 'error' && !/net::ERR|WebSocket connection|Failed to load resource/.test(message.text())) {
        person.errors.push(message.text());
      }
    });
    await page.goto(host ? `${url}/?host=${host}` : url);
    await signInOn(page, account, patience);
    return person;
  }

  static async signIn(browser: Browser, url: string, account: Account, { host, patience, ...options }: ContextOptions = {}): Promise<Person> {
    return Person.inContext(await browser.newContext({ ...LOOK, ...options }), url, account, { ...(host && { host }), ...(patience && { patience }) });
  }

  async connected(timeout = CONNECTED_WITHIN_MS): Promise<void> {
    await connectedOn(this.page, timeout);
  }
  /** Another tab of the same browser profile. */
  async tab(path: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${this.url}${path}`);
    return page;
  }
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`);
    await this.connected();
  }
  /** What a field of the open record page shows. */
  field(name: string): Locator {
    return this.page.getByTestId(`field-${name}`);
  }
  async edit(name: string, value: string): Promise<void> {
    await editOn(this.page, name, value);
  }
  /** Drags a card into another column of the board, with the steps a hand makes. */
  async drag(card: Locator, column: Locator): Promise<void> {
    const from = (await card.boundingBox())!;
    const to = (await column.boundingBox())!;
    const mouse = this.page.mouse;
    await mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await mouse.down();
    await mouse.move(from.x + from.width / 2 + 12, from.y + from.height / 2 + 4, { steps: 3 });
    await mouse.move(to.x + to.width / 2, to.y + 90, { steps: 12 });
    await mouse.up();
  }
}

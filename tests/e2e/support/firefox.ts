// Firefox as Debian ships it, over WebDriver BiDi, with the few gestures that the scenarios of another engine need.
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer-core';
import { type Account, until } from './server.ts';

const PATIENCE_MS = 30_000;

export async function launchFirefox(): Promise<Browser> {
  return puppeteer.launch({ browser: 'firefox', executablePath: process.env['SYNCLINE_FIREFOX'] ?? '/usr/bin/firefox-esr', headless: true });
}

const named = (id: string): string => `[data-testid="${id}"]`;

/** One tab of the application. */
export class FirefoxTab {
  readonly errors: string[] = [];
  private constructor(readonly page: Page) {
    page.on('pageerror', (error) => {
      // The browser's own words on what the fault proxy does; what our code throws is not.
      if (!/establish a connection|was interrupted while the page was loading/.test(String(error))) this.errors.push(String(error));
    });
    page.setDefaultTimeout(PATIENCE_MS);
  }

  static async open(context: BrowserContext, url: string): Promise<FirefoxTab> {
    const tab = new FirefoxTab(await context.newPage());
    await tab.page.setViewport({ width: 1440, height: 900 });
    await tab.page.goto(url);
    return tab;
  }
  static async signIn(context: BrowserContext, url: string, account: Account): Promise<FirefoxTab> {
    const host = process.env['SYNCLINE_E2E_HOST'];
    const tab = await FirefoxTab.open(context, host ? `${url}/?host=${host}` : url);
    await tab.page.locator(named('login-email')).fill(account.email);
    await tab.page.locator(named('login-password')).fill(account.password);
    await tab.page.locator(named('login-submit')).click();
    await tab.connected();
    return tab;
  }

  async connected(): Promise<void> {
    await this.page.waitForSelector(`${named('connection')}[data-state=connected]`);
  }
  /** What the connection says of itself. */
  async says(text: string): Promise<void> {
    await until(`the connection says "${text}"`, () => this.page.evaluate(
      (selector, wanted) => document.querySelector(selector)?.getAttribute('aria-label')?.includes(wanted) ?? false, named('connection'), text), PATIENCE_MS);
  }
  async fieldShows(name: string, text: string): Promise<void> {
    await until(`${name} shows "${text}"`, () => this.page.evaluate(
      (selector, wanted) => document.querySelector(selector)?.textContent?.includes(wanted) ?? false, named(`field-${name}`), text), PATIENCE_MS);
  }
  async edit(name: string, value: string): Promise<void> {
    await this.page.locator(`${named(`field-${name}`)} [role=button]`).click();
    await this.page.locator(named(`field-${name}-input`)).fill(value);
    await this.page.keyboard.press('Enter');
    await this.fieldShows(name, value);
  }
  /** The application is kept in this browser and serves this page. */
  async offlineReady(): Promise<void> {
    await until('the application is kept', () => this.page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated'), PATIENCE_MS);
  }
}

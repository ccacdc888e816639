// Runs cases in Chromium: a browser of its own for each, so that no engine pays for another's heap.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Sample } from '../types.ts';
import type { Asked } from './page.ts';
import { type BenchServer, serve } from './server.ts';

// Seen from the bundle, which lies in build/bench.
const require = createRequire(new URL('../../web/', import.meta.url));

export class Chromium {
  private constructor(private readonly server: BenchServer) {}

  static async start(wasm: string): Promise<Chromium> {
    return new Chromium(await serve(fileURLToPath(new URL('page/', import.meta.url)), wasm));
  }
  async measure(asked: Asked): Promise<Sample> {
    const { chromium } = require('playwright-core') as typeof import('playwright-core');
    const browser = await chromium.launch({
      executablePath: process.env['SYNCLINE_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--js-flags=--expose-gc --max-old-space-size=4096'],
    });
    try {
      const page = await browser.newPage();
      const protocol = await page.context().newCDPSession(page);
      await page.exposeFunction('heapBytes', async () => {
        await protocol.send('HeapProfiler.collectGarbage');
        const { usedSize, backingStorageSize } = (await protocol.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize: number };
        return usedSize + backingStorageSize;
      });
      await page.goto(this.server.url);
      await page.waitForFunction(() => typeof globalThis.bench === 'function');
      return await page.evaluate((given) => globalThis.bench(given), asked);
    } finally {
      await browser.close();
    }
  }
  close(): void {
    this.server.close();
  }
}

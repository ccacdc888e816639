// End-to-end tests live in tests/e2e, outside of the workspaces; what they import comes from here.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: {
    alias: {
      'playwright-core': require.resolve('playwright-core').replace(/index\.js$/, 'index.mjs'),
      'puppeteer-core': require.resolve('puppeteer-core'),
    },
  },
  cacheDir: fileURLToPath(new URL('./node_modules/.vite-e2e', import.meta.url)),
  test: {
    include: ['tests/e2e/**/*_test.ts'],
    environment: 'node',
    // One browser and one server at a time: two cores, and times that an issue names are deadlines here.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

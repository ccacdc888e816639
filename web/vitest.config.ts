import { defineConfig } from 'vitest/config';
import { benchAliases } from './bench_aliases.ts';

export default defineConfig({
  resolve: { alias: benchAliases },
  test: { include: ['packages/*/test/**/*.test.{ts,tsx}', 'app/test/**/*.test.{ts,tsx}'], environment: 'node' },
});

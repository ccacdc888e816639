// The page of the client benchmarks in Chromium: the SDK as an application's build would contain it, worker included.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { benchAliases } from './bench_aliases.ts';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: fileURLToPath(new URL('./node_modules/.vite-bench', import.meta.url)),
  resolve: { alias: benchAliases },
  publicDir: false,
  base: '/',
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('../build/bench/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: {
      input: fileURLToPath(new URL('../tests/bench/client/browser/page.ts', import.meta.url)),
      output: { entryFileNames: 'page.js' },
    },
  },
});

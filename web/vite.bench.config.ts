// The client benchmarks live in tests/bench/client, outside of the workspaces; what they import comes from here. One bundle,
// so that the SDK runs as it ships.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { benchAliases } from './bench_aliases.ts';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: fileURLToPath(new URL('./node_modules/.vite-bench', import.meta.url)),
  resolve: { alias: benchAliases },
  publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: 'tests/bench/client/main.ts',
    outDir: fileURLToPath(new URL('../build/bench', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    minify: false,
    rollupOptions: { output: { entryFileNames: 'client.mjs' } },
  },
});

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SERVICE_WORKER = 'service_worker';

const filesIn = (folder: string): string[] => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? filesIn(path) : [path];
});

/** Tells the service worker what this build consists of: it compares by these hashes, and the browser compares it by its bytes. */
function nameShell(folder: string): void {
  const script = join(folder, `${SERVICE_WORKER}.js`);
  const shell = Object.fromEntries(filesIn(folder).filter((path) => path !== script).sort().map((path) =>
    [`/${relative(folder, path)}`, createHash('sha256').update(readFileSync(path)).digest('hex')]));
  writeFileSync(script, `self.SHELL=${JSON.stringify(shell)};\n${readFileSync(script, 'utf8')}`);
}

/**
 * Writes .br and .gz beside every text and wasm file, so that the server never compresses (ARCHITECTURE: thin). The module, which is
 * most of what a browser loads, is worth the seconds that its smallest form takes.
 */
function precompress(folder: string): void {
  for (const path of filesIn(folder).filter((each) => /\.(html|js|css|svg|json|wasm)$/.test(each))) {
    const bytes = readFileSync(path);
    const isModule = path.endsWith('.wasm');
    writeFileSync(`${path}.gz`, isModule ? execFileSync('zopfli', ['-c', path], { maxBuffer: bytes.length }) : gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: isModule ? 11 : 9 } }));
  }
}

function finish(): Plugin {
  let folder = 'dist';
  return {
    name: 'finish',
    apply: 'build',
    configResolved: (config) => void (folder = resolve(config.root, config.build.outDir)),
    closeBundle() {
      nameShell(folder);
      precompress(folder);
    },
  };
}

const server = process.env['SYNCLINE_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), finish()],
  worker: { format: 'es' },
  build: {
    target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: { index: 'index.html', [SERVICE_WORKER]: `src/offline/${SERVICE_WORKER}.ts` },
      // A service worker serves what lies below it, under a name that stays.
      output: { entryFileNames: ({ name }) => (name === SERVICE_WORKER ? '[name].js' : 'assets/[name]-[hash].js') },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/sync': { target: server, ws: true },
      '/events': { target: server, ws: true },
    },
  },
});

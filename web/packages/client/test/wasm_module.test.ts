// The module as it is shipped: small, and importing nothing but what is pinned.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { schema } from '../src/generated/schema.ts';
import { WasmCore } from '../src/host/wasm_core.ts';

const path = fileURLToPath(new URL('../../../app/public/syncline.wasm', import.meta.url));
const module = readFileSync(path);
const pinned = readFileSync(new URL('../../../../tests/unit/wasm/imports.txt', import.meta.url), 'utf8');

it('is under 200 kB gzipped, as the application ships it', () => {
  expect(execFileSync('zopfli', ['-c', path], { maxBuffer: module.length }).length).toBeLessThan(200_000);
}, 60_000);

it('imports exactly what is pinned', async () => {
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(module)).map((each) => `${each.module}.${each.name}`);
  const allowed = pinned.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(imports.sort()).toEqual(allowed.sort());
});

it('was built from the schema that the types come from', async () => {
  expect((await WasmCore.load(module)).schemaHash).toBe(schema.hash);
});

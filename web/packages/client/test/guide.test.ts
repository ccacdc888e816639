// The examples of docs/sdk compile against the packages, each as a module of its own.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
// Inside of the application's folder, so that its packages are found from there.
const folder = mkdtempSync(join(root, 'web/app/guide-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the examples of the guide compile', async () => {
  const guide = readFileSync(join(root, 'docs/sdk/README.md'), 'utf8');
  const examples = [...guide.matchAll(/^```(tsx?)\n(.*?)^```$/gms)];
  expect(examples.length).toBeGreaterThan(5);
  for (const [i, [, kind, code]] of examples.entries()) writeFileSync(join(folder, `example_${i}.${kind}`), code!);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    extends: '../../tsconfig.base.json', compilerOptions: { jsx: 'react-jsx', types: ['node'], noEmit: true }, include: ['*'],
  }));
  const tsc = promisify(execFile)(join(root, 'web/node_modules/.bin/tsc'), ['-p', folder]);
  const failed = await tsc.then(() => '', ({ stdout }: { stdout: string }) => stdout);
  expect(failed).toBe('');
}, 120_000);

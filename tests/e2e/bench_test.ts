// The client benchmarks where applications run: small worlds in Chromium, on the page's thread and through the worker. Every
// engine shows what the hand-written one shows, or the run fails; nothing here says how fast.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const bench = fileURLToPath(new URL('../../script/bench', import.meta.url));

function lines(...options: string[]): { case: string; engine: string; ops_per_s: number }[] {
  const small = ['--rows', '300', '--ops', '300', '--seconds', '0.1', '--runs', '1', '--json'];
  const text = execFileSync(bench, ['client', ...small, ...options], { env: { ...process.env, SYNCLINE_NATIVE_PRESET: 'native-debug' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return text.trim().split('\n').map((line) => JSON.parse(line) as { case: string; engine: string; ops_per_s: number });
}

it.each(['chromium', 'worker'])('measures every engine in %s', (place) => {
  const found = lines('--where', place, '--case', 'join', '--case', 'optimistic');
  expect(found.map(({ engine }) => engine)).toHaveLength(2 * 5);
  for (const { ops_per_s: speed } of found) expect(speed).toBeGreaterThan(0);
}, 240_000);

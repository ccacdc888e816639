// The client benchmarks on a small world: all engines agree with the oracle after every change. Nothing is timed.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cases } from '../../../../tests/bench/client/cases/index.ts';
import { engines } from '../../../../tests/bench/client/engines/index.ts';
import { node } from '../../../../tests/bench/client/machine.ts';
import { measure } from '../../../../tests/bench/client/measure.ts';

const wasm = new WebAssembly.Module(readFileSync(new URL('../../../app/public/syncline.wasm', import.meta.url)));

describe.each(cases)('bench case $name', (test) => {
  it.each(engines(wasm))('$name shows what the oracle shows', async (engine) => {
    // More rows than fit any window, and checks of nearly all changes.
    const sample = await measure(test, engine, { rows: 400, ops: 120, seed: 7, checks: 100, seconds: 5, cpu: false }, node);
    expect(sample.ops_per_s).toBeGreaterThan(0);
  });
});

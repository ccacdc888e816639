// script/bench client: every engine on every case, each in a process of its own, in turns, so that no engine pays for another's
// heap and a slow minute of the machine meets all of them. Of each number the median of the runs is reported.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.ts';
import { Chromium } from './browser/runner.ts';
import { engines } from './engines/index.ts';
import { node } from './machine.ts';
import { type Limits, measure, readSoFar } from './measure.ts';
import { table } from './table.ts';
import type { Case, Line, Sample } from './types.ts';

const HELP = `usage: script/bench client [options]

  --case NAME     only this case; may be given several times
  --engine NAME   only this engine; may be given several times
  --rows N        leads (default 100000)
  --ops N         changes per run (default 20000; case memory: 100000)
  --runs N        runs of each engine, in turns (default 3); the median is reported
  --seconds N     a slow engine's run ends after this time (default 2)
  --where PLACE   node (default), chromium: on its page's thread; worker: in Chromium, the changes over a WebSocket,
                  Syncline's core in its SharedWorker as in an application (without the case memory)
  --cpu           ops/s by the time that the process had a processor: for a busy machine
  --seed N        of data and changes (default 1)
  --json          one JSON object per line instead of the table
  --help

Cases:
${cases.map(({ name, about }) => `  ${name.padEnd(14)}${about}`).join('\n')}

Every result is compared with an oracle before anything is timed, and once more after it. Syncline's changes enter as the
binary frames of its server, the others' as JSON text.
`;

const { values: options } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    engine: { type: 'string', multiple: true },
    rows: { type: 'string', default: '100000' },
    ops: { type: 'string' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    cpu: { type: 'boolean', default: false },
    where: { type: 'string', default: 'node' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    /** One run in this process: how the runner calls itself. */
    one: { type: 'boolean', default: false },
  },
});

const PLACES = ['node', 'chromium', 'worker'];

function chosen<T extends { readonly name: string }>(all: readonly T[], names: readonly string[] | undefined): readonly T[] {
  const unknown = names?.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) {
    process.stderr.write(`error: there is no "${unknown}"; there are ${all.map(({ name }) => name).join(', ')}\n`);
    process.exit(2);
  }
  return names ? all.filter(({ name }) => names.includes(name)) : all;
}

function median(values: readonly number[]): number {
  const sorted = values.slice().sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function limitsOf(test: Case): Limits {
  const isMemory = test.measures === 'memory';
  return {
    rows: Number(options.rows), ops: Number(options.ops ?? (isMemory ? 100_000 : 20_000)),
    seed: Number(options.seed), cpu: options.cpu, checks: 25, seconds: Number(options.seconds) * (isMemory ? 5 : 1),
  };
}

function runElsewhere(test: string, engine: string): Promise<Sample> {
  const passed = ['rows', 'ops', 'seconds', 'seed'] as const;
  const given = passed.flatMap((name) => (options[name] === undefined ? [] : [`--${name}`, options[name]!]));
  if (options.cpu) given.push('--cpu');
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=6144', process.argv[1]!, '--one', '--case', test, '--engine', engine, ...given],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      if (code === 0) resolve(JSON.parse(text) as Sample);
      else reject(new Error(`${engine} failed on ${test}`));
    });
  });
}

async function main(): Promise<void> {
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const wasm = new WebAssembly.Module(readFileSync(process.env['SYNCLINE_WASM']!));
  const someCases = chosen(cases, options.case);
  const someEngines = chosen(engines(wasm), options.engine);
  if (options.one) {
    const test = someCases[0]!;
    const sample = await measure(test, someEngines[0]!, limitsOf(test), node);
    if (readSoFar() === 0) throw new Error('nothing was read');
    process.stdout.write(`${JSON.stringify(sample)}\n`);
    process.exit(0);
  }
  if (!PLACES.includes(options.where)) {
    process.stderr.write(`error: there is no place "${options.where}"; there are ${PLACES.join(', ')}\n`);
    process.exit(2);
  }
  const remote = options.where === 'worker';
  const browser = options.where === 'node' ? null : await Chromium.start(process.env['SYNCLINE_WASM']!);
  const run = (test: Case, engine: string): Promise<Sample> =>
    browser ? browser.measure({ test: test.name, engine, limits: limitsOf(test), remote }) : runElsewhere(test.name, engine);
  const lines: Line[] = [];
  for (const test of someCases) {
    if (remote && test.measures === 'memory') continue;
    const samples = new Map<string, Sample[]>(someEngines.map(({ name }) => [name, []]));
    for (let turn = 1; turn <= Number(options.runs); turn++) {
      for (const { name } of someEngines) {
        process.stderr.write(`${test.name}: ${name}, run ${turn} of ${options.runs}\n`);
        samples.get(name)!.push(await run(test, name));
      }
    }
    for (const [engine, taken] of samples) {
      const of = (read: (sample: Sample) => number): number => Number(median(taken.map(read)).toPrecision(6));
      const line: Line = {
        case: test.name, engine,
        p50_us: of((sample) => sample.p50_us), p99_us: of((sample) => sample.p99_us),
        ops_per_s: of((sample) => sample.ops_per_s), bytes: Math.round(of((sample) => sample.bytes)),
      };
      lines.push(line);
      if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  }
  browser?.close();
  if (!options.json) process.stdout.write(table(lines));
}

await main();

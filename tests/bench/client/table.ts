// The lines of a run as a table for people, each beside the hand-written JavaScript.
import type { Line } from './types.ts';

const BASELINE = 'js-incremental';

function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  if (value >= 100) return value.toFixed(0);
  return value.toPrecision(3);
}

/** How many times as good as the baseline: speed, or for `memory` how much of its bytes. */
function ratio(line: Line, lines: readonly Line[]): string {
  const baseline = lines.find((other) => other.case === line.case && other.engine === BASELINE);
  if (!baseline) return '';
  if (line.case === 'memory') return `${(line.bytes / baseline.bytes).toFixed(2)}× bytes`;
  return `${(line.ops_per_s / baseline.ops_per_s).toPrecision(3)}×`;
}

export function table(lines: readonly Line[]): string {
  const rows = [
    ['case', 'engine', 'p50 µs', 'p99 µs', 'ops/s', 'MB', `to ${BASELINE}`],
    ...lines.map((line) => [
      line.case, line.engine, short(line.p50_us), short(line.p99_us), short(line.ops_per_s), (line.bytes / 1e6).toFixed(1), ratio(line, lines),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const text = rows.map((row) => row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '));
  return `${text.map((line) => line.trimEnd()).join('\n')}\n`;
}

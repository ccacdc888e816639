// What the cards say, from what the queries answer: no query here and no screen.
import type { AggregateRow, DealStage, Figures } from '@syncline/client';

/** A figure now and a period ago; null: there is none. */
export interface Figure {
  readonly now: number | null;
  readonly before: number | null;
}

export interface Change {
  readonly direction: 'up' | 'down' | 'same';
  /** Of shares the difference, in points; of all others the change relative to what was. Never negative. */
  readonly size: number;
}

/** null: there is nothing to compare with. */
export function changeOf({ now, before }: Figure, isShare: boolean): Change | null {
  if (now === null || before === null || (before === 0 && !isShare)) return null;
  if (now === before) return { direction: 'same', size: 0 };
  return { direction: now > before ? 'up' : 'down', size: isShare ? Math.abs(now - before) : Math.abs(now - before) / Math.abs(before) };
}

export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

export type Rows = readonly AggregateRow[];

export function groupOf(rows: Rows, key: AggregateRow['key']): AggregateRow | undefined {
  return rows.find((row) => row.key === key);
}

export function countsOf(rows: Rows): Figure {
  return { now: rows[0]?.count ?? 0, before: rows[0]?.previous?.count ?? 0 };
}

const VALUE = 'value';
export function valueOf(figures: Pick<Figures, 'sums'> | null | undefined): number {
  return figures?.sums[VALUE] ?? 0;
}

/** Sums of money are exact in themselves; added up here they are brought back to cents. */
function cents(sum: number): number {
  return Math.round(100 * sum) / 100;
}
export function addMoney(...sums: readonly number[]): number {
  return cents(sums.reduce((all, sum) => all + sum, 0));
}

/** Of rows by stage: the value of all stages of this kind, now or in the earlier period. */
export function valueOfKind(stages: readonly DealStage[], rows: Rows, kind: DealStage['kind'], earlier = false): number {
  return addMoney(...stages.filter((stage) => stage.kind === kind).map((stage) => {
    const row = groupOf(rows, stage.id);
    return valueOf(earlier ? row?.previous : row);
  }));
}

export interface StageLine {
  readonly stage: DealStage;
  readonly count: number;
  readonly value: number;
  /** Value times the stage's probability, in cents. */
  readonly weighted: number;
}

export function pipelineOf(stages: readonly DealStage[], deals: Rows): readonly StageLine[] {
  return stages.map((stage) => {
    const row = groupOf(deals, stage.id);
    const value = valueOf(row);
    return { stage, count: row?.count ?? 0, value, weighted: Math.round(value * (stage.probability ?? 0)) / 100 };
  });
}

export type Totals = Omit<StageLine, 'stage'>;
export function totalOfOpen(lines: readonly StageLine[]): Totals {
  return lines.filter(({ stage }) => stage.kind === 'open').reduce<Totals>(
    (sum, line) => ({ count: sum.count + line.count, value: addMoney(sum.value, line.value), weighted: addMoney(sum.weighted, line.weighted) }),
    { count: 0, value: 0, weighted: 0 },
  );
}

export interface SourceLine {
  /** null: leads that came from nowhere. */
  readonly id: string | null;
  readonly name: string | null;
  readonly color: string | null;
  readonly leads: number;
  readonly converted: number;
  readonly rate: number | null;
}

interface Source {
  readonly id: string;
  readonly name: string;
  readonly color: string | null;
}
export function sourcesOf(sources: readonly Source[], leads: Rows, converted: Rows): readonly SourceLine[] {
  const line = ({ id, name, color }: Pick<SourceLine, 'id' | 'name' | 'color'>): SourceLine => {
    const all = groupOf(leads, id)?.count ?? 0;
    const done = groupOf(converted, id)?.count ?? 0;
    return { id, name, color, leads: all, converted: done, rate: share(done, all) };
  };
  const without = line({ id: null, name: null, color: null });
  return [...sources.map(line), ...(without.leads > 0 ? [without] : [])];
}

const DAY_MS = 86_400_000;
/** The mean, in days; null where nothing was converted yet. */
export function daysToConvert(rows: Rows): number | null {
  const averages = rows[0]?.averages;
  const created = averages?.['createdAt'] ?? null;
  const converted = averages?.['convertedAt'] ?? null;
  return created === null || converted === null ? null : (converted - created) / DAY_MS;
}

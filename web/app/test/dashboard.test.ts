import { describe, expect, it } from 'vitest';
import type { AggregateRow, DealStage } from '@syncline/client';
import { addMoney, changeOf, daysToConvert, pipelineOf, sourcesOf, totalOfOpen, valueOfKind } from '../src/dashboard/figures.ts';
import { daysOf, momentOf, periodsOf, searchOf } from '../src/dashboard/period.ts';
import { daysFromToday } from '../src/dashboard/today.ts';

const row = (key: AggregateRow['key'], count: number, value = 0): AggregateRow => ({
  key, keys: [key], rows: count, count, sums: { value }, averages: {}, distinct: {}, mins: {}, maxs: {}, previous: null,
});

describe('a figure beside what it was', () => {
  it.each([
    [{ now: 18, before: 12 }, false, { direction: 'up', size: 0.5 }],
    [{ now: 9, before: 12 }, false, { direction: 'down', size: 0.25 }],
    [{ now: 12, before: 12 }, false, { direction: 'same', size: 0 }],
    [{ now: 0, before: 12 }, false, { direction: 'down', size: 1 }],
    [{ now: 0.5, before: 0.25 }, true, { direction: 'up', size: 0.25 }],
    [{ now: 0.5, before: 0 }, true, { direction: 'up', size: 0.5 }],
  ])('%o', (figure, isShare, change) => {
    expect(changeOf(figure, isShare)).toEqual(change);
  });
  it.each([
    [{ now: 12, before: 0 }, false],
    [{ now: 12, before: null }, false],
    [{ now: null, before: 0.5 }, true],
  ])('has nothing to be compared with: %o', (figure, isShare) => {
    expect(changeOf(figure, isShare)).toBeNull();
  });
});

describe('the period', () => {
  it('is in the address, except the usual one', () => {
    expect([daysOf({ days: 7 }), daysOf({}), daysOf({ days: '7' }), daysOf({ days: 8 })]).toEqual([7, 30, 30, 30]);
    expect([searchOf(90), searchOf(30)]).toEqual([{ days: 90 }, {}]);
  });
  it('ends with today and has as many days before it', () => {
    const today = new Date(2026, 10, 21).getTime();
    const { previous, from, to } = periodsOf(today, 7);
    expect([previous.on, from.on, to.on]).toEqual(['2026-11-08', '2026-11-15', '2026-11-22']);
    expect(momentOf(from.at)).toEqual(from);
  });
  it('counts days by the calendar, whatever the clocks do', () => {
    for (let month = 0; month < 12; month++) {
      const first = new Date(2026, month, 1).getTime();
      for (const days of [-90, -1, 1, 30]) {
        const there = new Date(daysFromToday(first, days));
        expect([there.getHours(), there.getDate()]).toEqual([0, new Date(2026, month, 1 + days).getDate()]);
      }
    }
  });
});

const stage = (id: string, kind: DealStage['kind'], probability: number | null): DealStage =>
  ({ id, kind, probability, name: id, color: null }) as DealStage;

it('the pipeline has a line for each stage, and weighs values to the cent', () => {
  const lines = pipelineOf([stage('a', 'open', 10), stage('b', 'open', 25), stage('c', 'open', null), stage('w', 'won', 100)], [row('b', 2, 1000.05), row('w', 1, 7)]);
  expect(lines.map(({ stage: { id }, count, value, weighted }) => [id, count, value, weighted])).toEqual([
    ['a', 0, 0, 0], ['b', 2, 1000.05, 250.01], ['c', 0, 0, 0], ['w', 1, 7, 7],
  ]);
  expect(totalOfOpen(lines)).toEqual({ count: 2, value: 1000.05, weighted: 250.01 });
});

it('a figure of deals is that of all stages of a kind, now and before', () => {
  const stages = [stage('a', 'open', 10), stage('b', 'open', 25), stage('w', 'won', 100)];
  const before = { ...row('w', 1, 7), previous: row('w', 1, 5) };
  expect(valueOfKind(stages, [row('a', 1, 0.1), row('b', 1, 0.2), before], 'open')).toBe(0.3);
  expect([valueOfKind(stages, [before], 'won'), valueOfKind(stages, [before], 'won', true), valueOfKind(stages, [], 'won')]).toEqual([7, 5, 0]);
  expect(addMoney(0.3, -0.1, 0)).toBe(0.2);
});

it('leads without a source have a line only where there are some', () => {
  const sources = [{ id: 'w', name: 'Website', color: null }];
  expect(sourcesOf(sources, [row('w', 4)], [row('w', 1)])).toEqual([{ id: 'w', name: 'Website', color: null, leads: 4, converted: 1, rate: 0.25 }]);
  expect(sourcesOf(sources, [row(null, 2)], []).map(({ id, leads, rate }) => [id, leads, rate])).toEqual([['w', 0, null], [null, 2, 0]]);
});

it('the time to convert is between two means', () => {
  const means = { createdAt: 1_795_248_000_000.5, convertedAt: 1_795_248_000_000.5 + 1.5 * 86_400_000 };
  expect(daysToConvert([{ ...row(null, 2), averages: means }])).toBeCloseTo(1.5);
  expect(daysToConvert([{ ...row(null, 0), averages: { createdAt: null, convertedAt: null } }])).toBeNull();
  expect(daysToConvert([])).toBeNull();
});

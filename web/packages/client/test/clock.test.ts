import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../src/archive.ts';
import { laterThan, SteadyClock } from '../src/host/clock.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 29, 12);

beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ['Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('a clock that is set back', () => {
  it('goes on from where it was', () => {
    const clock = new SteadyClock();
    expect(clock.now()).toBe(START);
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(START - HOUR);
    const after = clock.now();
    expect(after).toBeGreaterThanOrEqual(START);
    vi.advanceTimersByTime(5_000);
    expect(clock.now() - after).toBe(5_000);
  });

  it('notices it also where nobody has asked for long', () => {
    const clock = new SteadyClock();
    clock.now();
    vi.advanceTimersByTime(30_000);
    vi.setSystemTime(START + 5_000);
    expect(clock.now()).toBe(START + 30_000);
    expect(clock.told(START + 31_000)).toBe(START + 6_000);
  });

  it('hears of a sleep, in which nothing ticks', () => {
    const clock = new SteadyClock();
    clock.now();
    vi.setSystemTime(START + HOUR);
    expect(clock.now()).toBe(START + HOUR);
  });
});

describe('the id of a client', () => {
  it('is its own where all others are older', () => {
    const mine = newId(START);
    expect(laterThan([newId(START - 2), newId(START - 1)], mine)).toBe(mine);
    expect(laterThan([], mine)).toBe(mine);
  });

  it('comes behind those of a clock that was ahead', () => {
    const before = [newId(START + HOUR), newId(START)];
    expect(laterThan(before, newId(START)) > before[0]!).toBe(true);
  });
});

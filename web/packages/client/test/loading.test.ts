// What could not be loaded is tried again, not for ever, and not for a tab that is closed.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loaded } from '../src/host/loading.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tries again until it succeeds', async () => {
  let tries = 0;
  const load = async (): Promise<string> => {
    if (++tries < 3) throw new Error(`try ${tries}`);
    return `after ${tries}`;
  };
  const result = loaded(load);
  await vi.runAllTimersAsync();
  expect(await result).toBe('after 3');
});

it('rejects as the last try did', async () => {
  let tries = 0;
  const result = loaded(() => Promise.reject(new Error(`try ${++tries}`)));
  const outcome = expect(result).rejects.toThrow('try 5');
  await vi.runAllTimersAsync();
  await outcome;
  expect(tries).toBe(5);
});

it('ends with its tab', async () => {
  const closing = new AbortController();
  let tries = 0;
  const result = loaded(() => {
    tries++;
    closing.abort();
    return Promise.reject(new Error('no network'));
  }, closing.signal);
  const outcome = expect(result).rejects.toThrow();
  await vi.runAllTimersAsync();
  await outcome;
  expect(tries).toBe(1);
});

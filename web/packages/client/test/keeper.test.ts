// What storage refuses is said once, shown, and tried again until it is taken; nothing queued is dropped (SEMANTICS 12).
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../src/archive.ts';
import { Keeper, type KeeperState } from '../src/host/keeper.ts';
import type { StoredMutation } from '../src/host/wire.ts';
import { FaultyStore } from './faulty_store.ts';

const client = newId();
const mutation = (sequence: number): StoredMutation => ({ client, sequence, name: 'crm.leads.update', args: {}, bases: [], createdAt: 0 });
const ROWS = new Uint8Array([1, 2, 3]);

let store: FaultyStore;
let states: KeeperState[];
let warnings: string[];
let keeper: Keeper;

beforeEach(() => {
  vi.useFakeTimers();
  store = new FaultyStore();
  states = [];
  warnings = [];
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
  keeper = new Keeper(store, () => ROWS, (state) => states.push(state));
});
afterEach(() => {
  keeper.stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const aMinute = () => vi.advanceTimersByTimeAsync(60_000);

describe('a queued change that storage refuses', () => {
  it('may be sent, is shown as not durable, and is stored when storage takes it', async () => {
    store.refusing.add('put');
    await keeper.put(() => mutation(1));
    await keeper.put(() => mutation(2));
    expect(states).toEqual([{ durable: false, storageBehind: false }]);
    await aMinute();
    expect(store.tries.put).toBeGreaterThan(2);
    expect(warnings).toHaveLength(1);
    store.refusing.clear();
    await aMinute();
    expect([...store.mutations.values()]).toEqual([mutation(1), mutation(2)]);
    expect(states.at(-1)).toEqual({ durable: true, storageBehind: false });
  });

  it('does not come back when it settled meanwhile', async () => {
    store.refusing.add('put');
    let open = (): void => undefined;
    store.gate = new Promise<void>((resolve) => (open = resolve));
    const putting = keeper.put(() => mutation(1));
    const forgetting = keeper.forget(mutation(1));
    open();
    await Promise.all([putting, forgetting]);
    store.refusing.clear();
    await aMinute();
    expect(store.mutations.size).toBe(0);
    expect(keeper.state.durable).toBe(true);
  });
});

it('a settled change that could not be removed is removed later', async () => {
  await keeper.put(() => mutation(1));
  store.refusing.add('remove');
  await keeper.forget(mutation(1));
  expect(store.mutations.size).toBe(1);
  expect(states).toEqual([{ durable: true, storageBehind: true }]);
  await aMinute();
  expect(warnings).toHaveLength(1);
  store.refusing.clear();
  await aMinute();
  expect(store.mutations.size).toBe(0);
  expect(states.at(-1)).toEqual({ durable: true, storageBehind: false });
});

it('rows that could not be saved are saved later', async () => {
  store.refusing.add('saveRows');
  keeper.saveRowsSoon();
  await aMinute();
  expect(states).toEqual([{ durable: true, storageBehind: true }]);
  expect(warnings).toHaveLength(1);
  store.refusing.clear();
  await aMinute();
  expect(store.rows).toBe(ROWS);
  expect(states.at(-1)).toEqual({ durable: true, storageBehind: false });
});

describe('at the end', () => {
  it('rows and what is settled go; the queue only when it was said', async () => {
    await keeper.put(() => mutation(1));
    await keeper.put(() => mutation(2));
    await store.saveRows(ROWS);
    store.refusing.add('remove');
    await keeper.forget(mutation(1));
    store.refusing.clear();
    expect(await keeper.clear(false)).toBe(true);
    expect([...store.mutations.values()]).toEqual([mutation(2)]);
    expect(store.rows).toBeNull();
    expect(await keeper.clear(true)).toBe(true);
    expect(store.mutations.size).toBe(0);
  });

  it('a refusal is an answer, and nothing is tried again', async () => {
    store.refusing.add('clear');
    expect(await keeper.clear(true)).toBe(false);
    await aMinute();
    expect(store.tries.clear).toBe(1);
  });

  it('nothing is written after it', async () => {
    keeper.saveRowsSoon();
    keeper.stop();
    await aMinute();
    expect(store.tries.saveRows).toBe(0);
  });
});

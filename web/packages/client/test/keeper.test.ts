// What storage refuses is said once, shown, and tried again until it is taken; nothing queued is dropped (SEMANTICS 12).
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../src/archive.ts';
import { Keeper, type KeeperState } from '../src/host/keeper.ts';
import type { RefusedMutation, StoredMutation, Verdict } from '../src/host/wire.ts';
import { FaultyStore } from './faulty_store.ts';

const client = newId();
const mutation = (sequence: number): StoredMutation => ({ client, sequence, name: 'crm.leads.update', args: {}, bases: [], createdAt: 0 });
const ROWS = new Uint8Array([1, 2, 3]);

let store: FaultyStore;
let states: KeeperState[];
let lists: (readonly RefusedMutation[])[];
let warnings: string[];
let keeper: Keeper;

beforeEach(() => {
  vi.useFakeTimers();
  store = new FaultyStore();
  states = [];
  lists = [];
  warnings = [];
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
  keeper = new Keeper(store, () => ROWS, (state) => states.push(state), (refused) => lists.push(refused));
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

it('changes that settle together leave the queue in one write', async () => {
  for (const sequence of [1, 2, 3]) await keeper.put(() => mutation(sequence));
  await Promise.all([1, 2, 3].map((sequence) => keeper.forget(mutation(sequence))));
  expect([store.mutations.size, store.tries.remove]).toEqual([0, 1]);
});

describe('a change that goes on under another id', () => {
  const anew = { ...mutation(1), client: newId() };
  const origins = ['tab:1'];
  beforeEach(() => keeper.put(() => ({ ...mutation(1), origins })));

  it('takes the place of the one that it was in one write, for whoever made it', async () => {
    await keeper.put(() => anew, [], mutation(1));
    expect([[...store.mutations.values()], store.tries]).toEqual([[{ ...anew, origins }], expect.objectContaining({ put: 2, remove: 0 })]);
  });

  it('leaves that in the queue until storage takes it', async () => {
    store.refusing.add('put');
    await keeper.put(() => anew, [], mutation(1));
    const third = { ...mutation(1), client: newId() };
    await keeper.put(() => third, [], anew);
    await aMinute();
    expect([[...store.mutations.values()], keeper.state.durable]).toEqual([[{ ...mutation(1), origins }], false]);
    store.refusing.clear();
    await aMinute();
    expect([[...store.mutations.values()], keeper.state.durable]).toEqual([[{ ...third, origins }], true]);
  });

  it('takes that along when it is settled before storage took it', async () => {
    store.refusing.add('put');
    await keeper.put(() => anew, [], mutation(1));
    await keeper.forget(anew);
    expect(store.mutations.size).toBe(0);
  });
});

describe('a change that the server refused', () => {
  const verdict: Verdict = {
    outcome: 'rejected', version: 3, error: { code: 'rule_violated', message: 'No.', fields: [] }, conflicts: [], result: {},
  };
  const refusal = { ...mutation(1), verdict };

  it('leaves the queue and is kept with its arguments, until it is discarded', async () => {
    await keeper.put(() => mutation(1));
    await keeper.refuse(mutation(1), mutation(1), verdict);
    expect([store.mutations.size, [...store.refused.values()]]).toEqual([0, [refusal]]);
    expect(lists).toEqual([[refusal]]);
    await keeper.discard(mutation(1));
    expect([store.refused.size, lists.at(-1)]).toEqual([0, []]);
  });

  it('is found by the next host', async () => {
    store.refused.set('x', refusal);
    keeper.adopt(await store.load());
    expect(keeper.refused).toEqual([refusal]);
  });

  it('goes with the change that replaces it and others', async () => {
    for (const sequence of [1, 2]) {
      await keeper.put(() => mutation(sequence));
      await keeper.refuse(mutation(sequence), mutation(sequence), verdict);
    }
    await keeper.put(() => mutation(3), [mutation(1), mutation(2)]);
    expect([[...store.mutations.values()], store.refused.size, keeper.refused]).toEqual([[mutation(3)], 0, []]);
    expect(store.tries).toMatchObject({ put: 3, discard: 0 });
  });

  it('goes with the change that replaces it also where storage takes that later', async () => {
    await keeper.put(() => mutation(1));
    await keeper.refuse(mutation(1), mutation(1), verdict);
    store.refusing.add('put');
    await keeper.put(() => mutation(2), [mutation(1)]);
    await keeper.put(() => mutation(2));
    expect([store.refused.size, keeper.refused]).toEqual([1, []]);
    store.refusing.clear();
    await aMinute();
    expect([[...store.mutations.values()], store.refused.size]).toEqual([[mutation(2)], 0]);
  });

  it('goes when the change that replaces it is settled before storage took that', async () => {
    await keeper.put(() => mutation(1));
    await keeper.refuse(mutation(1), mutation(1), verdict);
    store.refusing.add('put');
    await keeper.put(() => mutation(2), [mutation(1)]);
    await keeper.forget(mutation(2));
    expect([store.mutations.size, store.refused.size]).toEqual([0, 0]);
  });

  it('is discarded later where storage refused that', async () => {
    await keeper.put(() => mutation(1));
    await keeper.refuse(mutation(1), mutation(1), verdict);
    store.refusing.add('discard');
    await keeper.discard(mutation(1));
    await aMinute();
    expect([store.refused.size, keeper.refused, keeper.state.storageBehind]).toEqual([1, [], true]);
    store.refusing.clear();
    await aMinute();
    expect([store.refused.size, keeper.state.storageBehind]).toEqual([0, false]);
  });

  it('leaves the queue when it is discarded before storage took the refusal', async () => {
    await keeper.put(() => mutation(1));
    store.refusing.add('refuse');
    await keeper.refuse(mutation(1), mutation(1), verdict);
    await keeper.discard(mutation(1));
    store.refusing.clear();
    await aMinute();
    expect([store.mutations.size, store.refused.size, keeper.state.durable]).toEqual([0, 0, true]);
  });

  it('is queued in the store, and known here, while storage does not take it', async () => {
    await keeper.put(() => mutation(1));
    store.refusing.add('refuse');
    await keeper.refuse(mutation(1), mutation(1), verdict);
    expect([store.mutations.size, keeper.refused, keeper.state.durable]).toEqual([1, [refusal], false]);
    store.refusing.clear();
    await aMinute();
    expect([store.mutations.size, store.refused.size, keeper.state.durable]).toEqual([0, 1, true]);
  });

  it('outlives a sign-out, but not one that discards', async () => {
    await keeper.put(() => mutation(1));
    await keeper.refuse(mutation(1), mutation(1), verdict);
    await keeper.clear(false);
    expect(store.refused.size).toBe(1);
    await keeper.clear(true);
    expect(store.refused.size).toBe(0);
  });
});

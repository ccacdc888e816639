import { describe, expect, it } from 'vitest';
import { ArchiveReader, ArchiveWriter } from '../src/archive.ts';
import { ALL_ROWS } from '../src/host/messages.ts';
import { addUpdate, newSubscription, takeUpdate } from '../src/host/subscription.ts';
import type { WasmCore } from '../src/host/wasm_core.ts';
import { applyEdits, changedPositions, Edit } from '../src/host/view_edits.ts';

// A list model that is edited one step at a time, the slow and obvious way.
function replay(list: string[], edits: readonly [number, number, string][]): string[] {
  const next = [...list];
  for (const [kind, at, value] of edits) {
    if (kind === Edit.insert) next.splice(at, 0, value);
    else if (kind === Edit.remove) next.splice(at, 1);
    else next[at] = value;
  }
  return next;
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('edits of a window', () => {
  it('name exactly the rows that must be read again, for any sequence', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const next = random(seed);
      const list = Array.from({ length: Math.floor(next() * 8) }, (_, i) => `old${i}`);
      const edits: [number, number, string][] = [];
      let size = list.length;
      for (let i = 0; i < Math.floor(next() * 12); i++) {
        const kind = size === 0 ? Edit.insert : Math.floor(next() * 3);
        const at = Math.floor(next() * (kind === Edit.insert ? size + 1 : size));
        edits.push([kind, at, `new${i}`]);
        size += kind === Edit.insert ? 1 : kind === Edit.remove ? -1 : 0;
      }
      const expected = replay(list, edits);
      const flat = edits.flatMap(([kind, at]) => [kind, at]);
      const positions = changedPositions(flat)!;
      const got: (string | undefined)[] = [...list];
      const gone: string[] = [];
      applyEdits(got, flat, gone);
      const empty = got.flatMap((row, at) => (row === undefined ? [at] : []));
      expect(empty, `seed ${seed}`).toEqual(positions);
      expect(got.map((row, at) => row ?? expected[at]), `seed ${seed}`).toEqual(expected);
      const left = list.filter((row) => !got.includes(row));
      expect(gone.sort(), `seed ${seed}`).toEqual(left.sort());
    }
  });

  it('ask for the whole window when they are many', () => {
    const edits = Array.from({ length: 200 }, (_, i) => [Edit.insert, i]).flat();
    expect(changedPositions(edits)).toBeNull();
  });

  it('that wait for a tab which does not paint are bounded, and are the whole window then', () => {
    const subscription = newSubscription(null, 1, 1, ALL_ROWS);
    expect(subscription.whole, 'the first of all, whatever the tab shows').toBe(true);
    subscription.whole = false;
    const replaced = new ArchiveWriter().u8(2).u16(0).text('').u32(0).u32(1).u8(Edit.replace).u32(0).bool(false).bool(false).u32(7).finish();
    const hear = (times: number) => {
      for (let i = 0; i < times; i++) addUpdate(subscription, new ArchiveReader(replaced));
    };
    hear(64);
    expect([subscription.edits.length, subscription.whole]).toEqual([128, false]);
    hear(200);
    expect(subscription).toMatchObject({ edits: [], whole: true, status: 2, total: 7 });
  });

  it('that come after an update was taken are none of its own', () => {
    const subscription = newSubscription(null, 1, 1, ALL_ROWS);
    subscription.whole = false;
    const core = { window: () => new Uint8Array() } as unknown as WasmCore;
    const message = (...edits: number[]) => {
      const output = new ArchiveWriter().u8(2).u16(0).text('').u32(0).u32(edits.length);
      for (const at of edits) output.u8(Edit.replace).u32(at);
      return new ArchiveReader(output.bool(false).bool(false).u32(7).finish());
    };
    addUpdate(subscription, message());
    const statusAlone = takeUpdate(core, subscription, false);
    addUpdate(subscription, message(3));
    const edited = takeUpdate(core, subscription, false);
    addUpdate(subscription, message(4));
    expect(statusAlone.edits).toEqual([]);
    expect(edited.edits).toEqual([Edit.replace, 3]);
  });
});

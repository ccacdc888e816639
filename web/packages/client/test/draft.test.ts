// What a tab's hand on a draft says of what its author saw.
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../src/archive.ts';
import { Draft, DraftAction, type SeenRow } from '../src/draft.ts';
import { schema } from '../src/generated/schema.ts';
import type { DraftField } from '../src/host/messages.ts';

const leads = schema.collections.find((each) => each.name === 'leads')!;
const names = new Map(Object.entries(DraftAction).map(([name, action]) => [action as number, name]));
const versionOf = (bytes: Uint8Array): number => Number(new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8).getBigUint64(0, true));
const told = (over: Partial<DraftField>): DraftField =>
  ({ value: 'mine', error: null, conflict: false, base: 'a', theirs: null, at: 0, version: 5, baseVersion: 5, ...over });

let sent: string[];
const open = (record: string | SeenRow): Draft => {
  const send = (action: number, bytes: Uint8Array): void => void sent.push(`${names.get(action)}@${versionOf(bytes)}`);
  return new Draft(leads, record, {
    send,
    commit: (bytes) => {
      send(DraftAction.commit, bytes);
      return undefined as never;
    },
    closed: () => undefined,
  });
};
const moved = (draft: Draft, fields: Record<string, DraftField>): void => draft.moved({ deleted: false, error: null, fields });
beforeEach(() => {
  sent = [];
});

describe('a draft of a row', () => {
  const row = { id: newId(), version: 5, jobTitle: 'a', name: 'n' } as SeenRow;

  it('begins each edit with the row, once', () => {
    const draft = open(row);
    for (const value of ['m', 'mine']) draft.set('jobTitle', value);
    draft.set('name', 'other');
    expect(sent).toEqual(['begin@5', 'set@0', 'set@0', 'begin@5', 'set@0']);
  });

  it('begins with theirs after that was taken', () => {
    const draft = open(row);
    draft.set('jobTitle', 'mine');
    moved(draft, { jobTitle: told({ conflict: true, theirs: 'theirs', version: 11 }) });
    draft.takeTheirs('jobTitle');
    moved(draft, {});
    draft.set('jobTitle', 'theirs and mine');
    expect(sent).toEqual(['begin@5', 'set@0', 'takeTheirs@0', 'begin@11', 'set@0']);
  });

  it('begins with what is shown by then, and goes on with what it began with', () => {
    const draft = open(row);
    draft.set('jobTitle', 'mine');
    draft.shows({ ...row, version: 6 });
    draft.set('jobTitle', 'mine too');
    draft.set('name', 'other');
    moved(draft, { jobTitle: told({ conflict: true, theirs: 'theirs', version: 11 }) });
    draft.takeTheirs('jobTitle');
    draft.shows({ ...row, version: 8 });
    draft.set('jobTitle', 'theirs and mine');
    moved(draft, { jobTitle: told({ conflict: true, theirs: 'theirs', version: 11 }) });
    draft.takeTheirs('jobTitle');
    draft.shows({ ...row, version: 12 });
    draft.set('jobTitle', 'of the newest');
    expect(sent.filter((each) => each !== 'set@0')).toEqual(['begin@5', 'begin@6', 'takeTheirs@0', 'begin@11', 'takeTheirs@0', 'begin@12']);
  });

  it('leaves it to the engine what was there after a commit: the row is older than that', () => {
    const draft = open(row);
    draft.set('jobTitle', 'first');
    draft.commit();
    draft.set('jobTitle', 'second');
    draft.set('name', 'never edited before');
    expect(sent).toEqual(['begin@5', 'set@0', 'commit@0', 'set@0', 'begin@5', 'set@0']);
    draft.begin('jobTitle', 'first', 8);
    draft.commit();
    draft.begin('jobTitle', 'second', 9);
    expect(sent.slice(-3)).toEqual(['begin@8', 'commit@0', 'begin@9']);
  });
});

it('a draft of a record by its id leaves it to the engine what was there', () => {
  const draft = open(newId());
  draft.set('jobTitle', 'mine');
  moved(draft, { jobTitle: told({ conflict: true, theirs: 'theirs', version: 11 }) });
  draft.takeTheirs('jobTitle');
  draft.set('jobTitle', 'theirs and mine');
  expect(sent).toEqual(['set@0', 'takeTheirs@0', 'set@0']);
});

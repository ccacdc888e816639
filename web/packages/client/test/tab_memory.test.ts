// A tab whose leader is lost asks the next one for all it had asked for, and its application notices nothing.
import { beforeEach, describe, expect, it } from 'vitest';
import { ArchiveReader, ArchiveWriter, newId } from '../src/archive.ts';
import { Draft, DraftAction, type SeenRow } from '../src/draft.ts';
import { schema } from '../src/generated/schema.ts';
import type { DraftField, DraftState, HostMessage, QueryUpdate, TabMessage } from '../src/host/messages.ts';
import { TabMemory } from '../src/host/tab_memory.ts';
import type { EngineError, MutationId, RefusedMutation, Verdict } from '../src/host/wire.ts';
import { type JsValue, readValue } from '../src/value.ts';

const hello = { type: 'hello', lock: '', url: 'http://x', wasm: '', user: newId(), role: 'agent', token: 'first' } as const;
const WHOLE = { first: 0, count: 10 };
const bytes = new ArchiveWriter().text('crm.leads.update').finish();
const applied: Verdict = { outcome: 'applied', version: 7, error: null, conflicts: [], result: {} };
const refusal: EngineError = { code: 'not_found', message: 'It is gone.', fields: [] };

let memory: TabMemory;
beforeEach(() => {
  memory = new TabMemory('tab', hello);
});

const answer = (call: number, mutationId: MutationId | null, error: EngineError | null = null): HostMessage =>
  ({ type: 'answer', call, mutationId, error, certain: true, result: {} });
const settled = (mutationId: MutationId, verdict = applied): HostMessage =>
  ({ type: 'settled', settled: { mutationId, mutator: 'crm.leads.update', verdict } });
const again = () => memory.again().map((message) => message.type);

describe('the next host hears', () => {
  it('hello first, with the newest token, and the queries that are still open, at their present windows', () => {
    memory.sent({ type: 'subscribe', query: 1, bytes, window: WHOLE });
    memory.sent({ type: 'subscribe', query: 2, bytes, window: WHOLE });
    memory.sent({ type: 'unsubscribe', query: 1 });
    memory.sent({ type: 'window', query: 2, window: { first: 5, count: 10 } });
    memory.sent({ type: 'token', token: 'second' });
    memory.sent({ type: 'online', online: false });
    memory.sent({ type: 'painted' });
    expect(memory.again()).toEqual([
      { ...hello, token: 'second' }, { type: 'online', online: false }, { type: 'subscribe', query: 2, bytes, window: { first: 5, count: 10 } },
    ]);
    expect(memory.again()[0], 'it had a host before').toEqual({ ...hello, token: 'second', again: true });
  });

  it('mutations in order until they are stored or settled, each with the origin it had', () => {
    const calls = [1, 2, 3].map((call) => memory.sent({ type: 'mutate', call, bytes }) as Extract<TabMessage, { type: 'mutate' }>);
    expect(new Set(calls.map(({ origin }) => origin)).size).toBe(3);
    const id = { client: newId(), sequence: 2 };
    memory.heard(answer(2, id));
    expect(memory.again().slice(1), 'only the server may refuse what the application was told').toEqual([calls[0], { ...calls[1], accepted: true }, calls[2]]);
    expect(memory.heard({ type: 'stored', call: 1 })).toBeNull();
    expect(memory.heard(settled(id))).toEqual(settled(id));
    expect(memory.again().slice(1)).toEqual([calls[2]]);
  });

  it('a refused mutation no more', () => {
    memory.sent({ type: 'mutate', call: 1, bytes });
    expect(memory.heard(answer(1, null, refusal))).toEqual(answer(1, null, refusal));
    expect(again()).toEqual(['hello']);
  });

  it('drafts that are still open, with what was done to them and commits that are not stored', () => {
    const draft = (number: number, action: number, call = 0): TabMessage => ({ type: 'draft', call, draft: number, action, bytes });
    const edits = [draft(1, DraftAction.edit), draft(1, DraftAction.set)];
    const again = () => memory.again().slice(1).filter(({ type }) => type !== 'askedAgain');
    for (const message of edits) memory.sent(message);
    memory.sent(draft(2, DraftAction.edit));
    memory.sent(draft(2, DraftAction.close));
    const refused = memory.sent(draft(1, DraftAction.commit, 7));
    expect(again()).toEqual([...edits, refused]);
    memory.heard(answer(7, null, refusal));
    expect(again()).toEqual(edits);

    const commit = memory.sent(draft(1, DraftAction.commit, 8)) as Extract<TabMessage, { type: 'draft' }>;
    expect(commit.origin).toBeDefined();
    const id = { client: newId(), sequence: 1 };
    expect(memory.heard(answer(8, id))).toEqual(answer(8, id));
    const later = [draft(1, DraftAction.set), draft(1, DraftAction.close)];
    for (const message of later) memory.sent(message);
    expect(again(), 'no host that lives may know of it').toEqual([...edits, { ...commit, accepted: true }, ...later]);
    expect(memory.heard(answer(8, id)), 'said before').toBeNull();
    memory.heard({ type: 'stored', call: 8 });
    expect(again()).toEqual([]);
  });

  it('of what was typed into a field of a draft, only the last', () => {
    const act = (action: number, field: number, value: number): TabMessage => ({
      type: 'draft', call: 0, draft: 1, action, bytes: new ArchiveWriter().u16(3).id(newId()).u16(field).u8(value).finish(),
    });
    const done = [
      act(DraftAction.edit, 0, 0), act(DraftAction.begin, 8, 1), act(DraftAction.set, 8, 2), act(DraftAction.set, 8, 3), act(DraftAction.set, 300, 4),
      act(DraftAction.keepMine, 8, 0), act(DraftAction.set, 8, 5),
    ];
    for (const message of done) memory.sent(message);
    expect(memory.again().slice(1)).toEqual([...done.filter((message) => message !== done[2]), { type: 'askedAgain' }]);
  });

  it('changes and what was done to drafts in the order in which they were done', () => {
    const draft = (action: number, number: number, call = 0): TabMessage => ({ type: 'draft', call, draft: number, action, bytes });
    const done = [
      draft(DraftAction.edit, 1), draft(DraftAction.edit, 2), draft(DraftAction.set, 1), draft(DraftAction.commit, 1, 1), { type: 'mutate', call: 2, bytes },
      draft(DraftAction.set, 2), draft(DraftAction.commit, 2, 3), { type: 'mutate', call: 4, bytes },
    ] as const;
    const sent = done.map((message) => memory.sent(message));
    expect(memory.again().slice(1, -1)).toEqual(sent);
  });

  it('that a refused change was discarded, until it tells of it no more', () => {
    const refused = (...sequences: number[]): HostMessage =>
      ({ type: 'refused', refused: sequences.map((sequence) => ({ client: hello.user, sequence }) as RefusedMutation) });
    const discards = () => memory.again().filter(({ type }) => type === 'discard');
    const discard = { type: 'discard', id: { client: hello.user, sequence: 1 } } as const;
    memory.sent(discard);
    expect(discards()).toEqual([discard]);
    expect(memory.heard(refused(1, 2)), 'told before the host was asked').toEqual(refused(2));
    expect(discards()).toEqual([discard]);
    expect(memory.heard(refused(2))).toEqual(refused(2));
    expect(discards()).toEqual([]);
    expect(memory.heard(refused(1))).toEqual(refused(1));
  });

  it('an undo until it is answered', () => {
    const { origin } = memory.sent({ type: 'undo', call: 3, redo: false }) as Extract<TabMessage, { type: 'undo' }>;
    expect(memory.again().slice(1)).toEqual([{ type: 'undo', call: 3, redo: false, origin }]);
    memory.heard(answer(3, null, refusal));
    expect(again()).toEqual(['hello']);
  });

  it('of an undo that the lost host had answered, the change that it became, until it is stored', () => {
    const change = memory.sent({ type: 'mutate', call: 1, bytes });
    const { origin } = memory.sent({ type: 'undo', call: 2, redo: false }) as Extract<TabMessage, { type: 'undo' }>;
    const made = new ArchiveWriter().text('crm.leads.update').u8(1).finish();
    const id = { client: newId(), sequence: 2 };
    const undone = { ...answer(2, id), made } as HostMessage;
    expect(memory.heard(undone)).toEqual(undone);
    const asked = { type: 'mutate', call: 2, bytes: made, origin, accepted: true, undo: true };
    expect(memory.again().slice(1)).toEqual([change, asked]);
    const renumbered = { client: newId(), sequence: 1 };
    expect(memory.heard(answer(2, renumbered)), 'the application knows it already').toBeNull();
    expect(memory.again().slice(1), 'and the host after that').toEqual([change, asked]);
    memory.heard({ type: 'stored', call: 2 });
    expect(memory.again().slice(1)).toEqual([change]);
    expect(memory.heard(settled(renumbered))).toEqual(settled(id));
  });

  it('a sign-out, last', () => {
    memory.sent({ type: 'logout', discard: true });
    memory.sent({ type: 'subscribe', query: 1, bytes, window: WHOLE });
    expect(again()).toEqual(['hello', 'subscribe', 'logout']);
  });
});

describe('what a query shows', () => {
  const update = (query: number, status: QueryUpdate['status']): QueryUpdate =>
    ({ query, status, error: null, whole: true, edits: [], positions: [], windows: [], groups: null, total: 0 });
  const updates = (...all: QueryUpdate[]): HostMessage => ({ type: 'updates', updates: all });
  beforeEach(() => {
    for (const query of [1, 2]) memory.sent({ type: 'subscribe', query, bytes, window: WHOLE });
    memory.again();
  });

  it('is passed on as it comes from the first host', () => {
    expect(memory.heard(updates(update(1, 'loading')))).toEqual(updates(update(1, 'loading')));
  });

  it('stays while the next host only loads, and then moves in one step', () => {
    memory.again();
    expect(memory.heard(updates(update(1, 'loading')))).toBeNull();
    expect(memory.heard(updates(update(1, 'loading'), update(2, 'partial')))).toEqual(updates(update(2, 'partial')));
    expect(memory.heard(updates(update(1, 'complete')))).toEqual(updates(update(1, 'loading'), update(1, 'loading'), update(1, 'complete')));
    expect(memory.heard(updates(update(1, 'loading')))).toEqual(updates(update(1, 'loading')));
  });
});

describe('an edit is asked for again with what its author saw', () => {
  const leads = schema.collections.find((each) => each.name === 'leads')!;
  const jobTitle = leads.fields.find((each) => each.name === 'jobTitle')!;
  const told = (base: string, baseVersion: number, over: Partial<DraftField> = {}): DraftField =>
    ({ value: 'mine', error: null, conflict: false, base, theirs: null, at: 0, version: baseVersion, baseVersion, ...over });
  const hear = (fields: Record<string, DraftField>) => memory.heard({ type: 'drafts', drafts: [{ draft: 1, state: { deleted: false, fields, error: null } }] });
  let calls: number;
  const open = (record: string | SeenRow): Draft => {
    const send = (action: number, bytes: Uint8Array, call = 0) => void memory.sent({ type: 'draft', call, draft: 1, action, bytes });
    const draft = new Draft(leads, record, {
      send,
      commit: (bytes) => {
        send(DraftAction.commit, bytes, ++calls);
        return undefined as never;
      },
      closed: () => undefined,
    });
    draft.open();
    return draft;
  };
  const takes = (call: number) => memory.heard(answer(call, { client: hello.user, sequence: call }));
  /** What the next host is asked for: actions, with field's value and version where they have one. */
  const asked = (): JsValue[][] => memory.again().filter((message) => message.type === 'draft').map(({ action, bytes: said }) => {
    const name = Object.entries(DraftAction).find(([, each]) => each === action)![0];
    const input = new ArchiveReader(said);
    input.u16();
    input.id();
    if (input.u16() === 0) return [name];
    const value = readValue(input, jobTitle);
    return action === DraftAction.begin ? [name, value, input.u64()] : [name, value];
  });
  beforeEach(() => {
    calls = 0;
    memory.again();
  });

  it('as the host told last, where only the record was named', () => {
    const draft = open(newId());
    draft.set('jobTitle', 'm');
    hear({ jobTitle: told('a', 5) });
    hear({ jobTitle: told('own', 5) });
    draft.set('jobTitle', 'mine');
    const again = [['edit'], ['begin', 'own', 5], ['set', 'mine']];
    expect(asked()).toEqual(again);
    expect(asked(), 'and the host after that').toEqual(again);
  });

  it('in a conflict, before the conflict', () => {
    open(newId()).set('jobTitle', 'mine');
    hear({ jobTitle: told('a', 5, { conflict: true, theirs: 'b', version: 9 }) });
    expect(asked()).toEqual([['edit'], ['begin', 'a', 5], ['set', 'mine']]);
  });

  it('once, where its author has said so', () => {
    open({ id: newId(), version: 4, jobTitle: 'row' } as SeenRow).set('jobTitle', 'mine');
    hear({ jobTitle: told('a', 5) });
    expect(asked()).toEqual([['edit'], ['begin', 'row', 4], ['set', 'mine']]);
  });

  it('also the second edit, after a commit that is stored', () => {
    const draft = open({ id: newId(), version: 4, jobTitle: 'row' } as SeenRow);
    draft.set('jobTitle', 'first');
    draft.commit();
    takes(1);
    hear({});
    memory.heard({ type: 'stored', call: 1 });
    draft.set('jobTitle', 'second');
    hear({ jobTitle: told('first', 4) });
    expect(asked()).toEqual([['edit'], ['begin', 'first', 4], ['set', 'second']]);
  });

  it('each of two edits with its own, while the commit between them is not stored', () => {
    const draft = open(newId());
    draft.set('jobTitle', 'first');
    hear({ jobTitle: told('a', 5) });
    draft.commit();
    draft.set('jobTitle', 'second');
    hear({ jobTitle: told('b', 6) });
    takes(1);
    hear({ jobTitle: told('first', 6) });
    expect(asked()).toEqual([['edit'], ['begin', 'b', 6], ['set', 'first'], ['commit'], ['begin', 'first', 6], ['set', 'second']]);
  });

  it('anew, when theirs was taken in between', () => {
    const draft = open(newId());
    draft.set('jobTitle', 'first');
    hear({ jobTitle: told('a', 5, { conflict: true, theirs: 'b', version: 9 }) });
    draft.takeTheirs('jobTitle');
    draft.set('jobTitle', 'second');
    hear({ jobTitle: told('b', 9) });
    expect(asked()).toEqual([['edit'], ['begin', 'a', 5], ['set', 'first'], ['takeTheirs', null], ['begin', 'b', 9], ['set', 'second']]);
  });

  it('and not at all, when it ended where it began', () => {
    const draft = open(newId());
    draft.set('jobTitle', 'mine');
    hear({ jobTitle: told('a', 5) });
    draft.set('jobTitle', 'a');
    hear({});
    expect(asked()).toEqual([['edit']]);
    draft.set('jobTitle', 'mine again');
    expect(asked()).toEqual([['edit'], ['begin', 'a', 5], ['set', 'mine again']]);
  });
});

describe('what a draft says', () => {
  const field = (version: number, conflict: boolean, value = 'mine'): DraftField =>
    ({ value, error: null, conflict, base: 'a', theirs: conflict ? `of ${version}` : null, at: version, version, baseVersion: 5 });
  const state = (fields: Record<string, DraftField>, deleted = false): DraftState => ({ deleted, fields, error: null });
  const drafts = (...states: DraftState[]): HostMessage => ({ type: 'drafts', drafts: states.map((each) => ({ draft: 1, state: each })) });
  const hear = (each: DraftState) => memory.heard(drafts(each));
  const askAgain = () => {
    expect(again()).toContain('askedAgain');
  };
  const askClosed = () => {
    expect(again()).not.toContain('askedAgain');
  };
  beforeEach(() => {
    for (const action of [DraftAction.edit, DraftAction.begin]) memory.sent({ type: 'draft', call: 0, draft: 1, action, bytes });
    askAgain();
    memory.heard({ type: 'askedAgain' });
  });

  it('is passed on as it comes', () => {
    for (const each of [state({ name: field(7, true) }), state({ name: field(5, false) }), state({}, true), state({})])
      expect(hear(each)).toEqual(drafts(each));
  });

  it('of the next host waits until that has been asked all, and then moves in one step', () => {
    hear(state({ name: field(7, false) }));
    askAgain();
    expect(hear(state({}))).toBeNull();
    expect(hear(state({ name: field(7, false, 'a') }))).toBeNull();
    expect(hear(state({ name: field(7, false) }))).toBeNull();
    expect(memory.heard({ type: 'askedAgain' })).toEqual(drafts(state({ name: field(7, false) })));
    askAgain();
    expect(memory.heard({ type: 'askedAgain' }), 'nothing new').toBeNull();
  });

  it('stays in conflict until the next host has come as far', () => {
    hear(state({ name: field(7, true), code: field(7, false) }));
    askAgain();
    hear(state({ name: field(5, false, 'more'), code: field(5, true) }));
    const known = drafts(state({ name: field(7, true, 'more'), code: field(7, false) }));
    expect(memory.heard({ type: 'askedAgain' })).toEqual(known);
    expect(hear(state({ name: field(6, true, 'more'), code: field(6, false) }))).toEqual(known);
    const caughtUp = state({ name: field(8, false, 'more'), code: field(7, false) });
    expect(hear(caughtUp), 'taken back meanwhile').toEqual(drafts(caughtUp));
  });

  it('is what its author has decided, though the next host has not come as far', () => {
    hear(state({ name: field(7, true), code: field(7, true) }));
    askAgain();
    hear(state({ name: field(5, false), code: field(5, false) }));
    memory.heard({ type: 'askedAgain' });
    const keptOne = state({ name: field(7, false), code: field(5, false) });
    expect(hear(keptOne)).toEqual(drafts(state({ name: field(7, false), code: field(7, true) })));
    const tookOther = state({ name: field(7, false) });
    expect(hear(tookOther)).toEqual(drafts(tookOther));
  });

  it('goes on saying that the record is gone until the next host says so too, or has a later version', () => {
    hear(state({ name: field(7, false) }, true));
    askAgain();
    hear(state({ name: field(6, false) }));
    const gone = drafts(state({ name: field(7, false) }, true));
    expect(memory.heard({ type: 'askedAgain' })).toEqual(gone);
    expect(hear(state({ name: field(7, false) }))).toEqual(gone);
    const back = state({ name: field(9, false) });
    expect(hear(back)).toEqual(drafts(back));

    hear(state({ name: field(9, false) }, true));
    askAgain();
    hear(state({ name: field(9, false) }, true));
    memory.heard({ type: 'askedAgain' });
    expect(hear(state({ name: field(9, false) })), 'an own deletion was refused').toEqual(drafts(state({ name: field(9, false) })));
  });

  it('of a record that is back is believed without an edit, and with another one from a later version on', () => {
    hear(state({}, true));
    askAgain();
    hear(state({}));
    expect(memory.heard({ type: 'askedAgain' })).toEqual(drafts(state({})));

    hear(state({ name: field(7, false) }, true));
    askAgain();
    hear(state({ code: field(6, false) }));
    expect(memory.heard({ type: 'askedAgain' })).toEqual(drafts(state({ code: field(6, false) }, true)));
    const back = state({ code: field(9, false) });
    expect(hear(back)).toEqual(drafts(back));
  });

  it('behind its close is heard by nobody, and kept nowhere', () => {
    memory.sent({ type: 'draft', call: 0, draft: 1, action: DraftAction.close, bytes });
    expect(hear(state({ name: field(7, false) }))).toBeNull();
    askClosed();
    expect(hear(state({ name: field(7, false) })), 'of the next host').toBeNull();
    expect(memory.heard({ type: 'askedAgain' })).toBeNull();
  });
});

describe('a mutation that a second host runs anew', () => {
  const first = { client: newId(), sequence: 1 };
  const second = { client: newId(), sequence: 1 };
  beforeEach(() => {
    memory.sent({ type: 'mutate', call: 1, bytes });
    memory.heard(answer(1, first));
  });

  it('keeps the name that the application knows', () => {
    expect(memory.heard(answer(1, second))).toBeNull();
    expect(memory.heard(settled(second))).toEqual(settled(first));
    expect(again()).toEqual(['hello']);
  });

  it('and is refused there, is taken back as by the server', () => {
    expect(memory.heard(answer(1, null, refusal))).toEqual(
      settled(first, { outcome: 'rejected', version: 0, error: refusal, conflicts: [], result: {} }));
    expect(again()).toEqual(['hello']);
  });
});

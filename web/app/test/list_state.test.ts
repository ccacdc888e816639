import { describe, expect, it } from 'vitest';
import { listConfig } from '../src/list/list_config.ts';
import { orderOf, parseListSearch, sortOf, toggleSort } from '../src/list/list_state.ts';
import { collectionNamed } from '../src/fields/reference.ts';
import { isOverdue } from '../src/list/overdue.ts';
import { likePattern } from '../src/fields/like_pattern.ts';

const leads = collectionNamed('leads');

describe('what the address bar says', () => {
  it.each([
    { sort: '-value', filters: [{ field: 'status', operator: '=', value: 'new' }] },
    { sort: 'companyName' },
    { filters: [{ field: 'name', operator: 'like', value: 'a' }, { field: 'sourceId', operator: 'is null', value: true }] },
    { filters: [{ field: 'status', operator: 'in', value: ['new', 'converted'] }] },
    { filters: [{ field: 'value', operator: '>=', value: 12.5 }] },
    { filters: [{ field: 'ownerId', operator: '=', value: '0197c0de-0000-7000-8000-000000000001' }] },
  ])('is kept when it makes sense: %o', (search) => {
    expect(parseListSearch(search, leads)).toEqual(search);
  });
  it.each([
    [{ sort: 5, filters: 'x' }],
    [{ sort: 'nothing' }],
    [{ sort: '-' }],
    [{ filters: [{ field: 1, operator: '=', value: 'a' }, null, 'text'] }],
    [{ filters: [{ field: 'name', operator: 'drop table', value: 'a' }] }],
    [{ filters: [{ field: 'name', operator: '=', value: { nested: true } }] }],
    [{ filters: [{ field: 'nothing', operator: '=', value: 'a' }] }],
    [{ filters: [{ field: 'status', operator: '=', value: 'bogus' }] }],
    [{ filters: [{ field: 'status', operator: '<', value: 'new' }] }],
    [{ filters: [{ field: 'status', operator: 'in', value: ['new', 'bogus'] }] }],
    [{ filters: [{ field: 'status', operator: 'in', value: 'new' }] }],
    [{ filters: [{ field: 'value', operator: '>=', value: 'much' }] }],
    [{ filters: [{ field: 'value', operator: '>=', value: null }] }],
    [{ filters: [{ field: 'ownerId', operator: '=', value: 'me' }] }],
    [{ filters: [{ field: 'createdAt', operator: '>=', value: 'yesterday' }] }],
    [{ filters: [{ field: 'name', operator: 'is null', value: 'perhaps' }] }],
  ])('is dropped when it does not: %o', (search) => {
    expect(parseListSearch(search, leads)).toEqual({});
  });
  it('loses only what makes no sense', () => {
    const good = { field: 'status', operator: '=', value: 'new' };
    expect(parseListSearch({ sort: 'nothing', filters: [good, { ...good, value: 'bogus' }] }, leads)).toEqual({ filters: [good] });
  });
});

it('open tasks come first until somebody chooses an order', () => {
  const tasks = listConfig('tasks');
  expect(orderOf({}, tasks).map(({ field }) => field)).toEqual(['status', 'dueAt']);
  expect(orderOf({ sort: '-dueAt' }, tasks)).toEqual([{ field: 'dueAt', descending: true }]);
  expect(collectionNamed('tasks').fields.find(({ name }) => name === 'status')?.options[0]).toBe('open');
});

it('a task is overdue only while there is something to do', () => {
  expect(isOverdue('open', 999, 1_000)).toBe(true);
  expect(isOverdue('in_progress', 999, 1_000)).toBe(true);
  expect(isOverdue('completed', 999, 1_000)).toBe(false);
  expect(isOverdue('open', 1_001, 1_000)).toBe(false);
  expect(isOverdue('open', null, 1_000)).toBe(false);
});

describe('a header click', () => {
  const config = listConfig('leads');
  it('sorts ascending, then descending, then ascending', () => {
    const first = toggleSort({}, config, 'name');
    expect(sortOf(first, config)).toEqual({ field: 'name', descending: false });
    const second = toggleSort(first, config, 'name');
    expect(sortOf(second, config)).toEqual({ field: 'name', descending: true });
    expect(sortOf(toggleSort(second, config, 'name'), config)).toEqual({ field: 'name', descending: false });
  });
  it('keeps the filters', () => {
    const filters = [{ field: 'status', operator: '=', value: 'new' }] as const;
    expect(toggleSort({ filters }, config, 'name').filters).toBe(filters);
  });
});

it('a search text is taken literally', () => {
  expect(likePattern('50%_\\')).toBe('%50\\%\\_\\\\%');
});

import { describe, expect, it } from 'vitest';
import { listConfig } from '../src/list/list_config.ts';
import { parseListSearch, sortOf, toggleSort } from '../src/list/list_state.ts';
import { likePattern } from '../src/fields/like_pattern.ts';

describe('what the address bar says', () => {
  it('is kept when it makes sense', () => {
    const search = { sort: '-value', filters: [{ field: 'status', operator: '=', value: 'new' }] };
    expect(parseListSearch(search)).toEqual(search);
  });
  it.each([
    [{ sort: 5, filters: 'x' }],
    [{ filters: [{ field: 1, operator: '=', value: 'a' }, null, 'text'] }],
    [{ filters: [{ field: 'name', operator: 'drop table', value: 'a' }] }],
    [{ filters: [{ field: 'name', operator: '=', value: { nested: true } }] }],
  ])('is dropped when it does not: %o', (search) => {
    expect(parseListSearch(search)).toEqual({});
  });
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

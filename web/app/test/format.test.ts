import type { FieldMeta } from '@syncline/client';
import { expect, it } from 'vitest';
import { DASH, fieldLabel, formatRelative, formatValue, labelOf } from '../src/fields/format.ts';

const field = (type: FieldMeta['type'], scale = 0): FieldMeta => ({
  id: 8, name: 'x', type, slot: 0, format: 'plain', required: false, unique: false, readOnly: false, scale,
  maxLength: 0, min: null, max: null, options: [], target: null, whenTargetDeleted: null, policy: 'reject', defaultText: null,
});

it.each([
  ['expectedCloseOn', 'Expected close on'], ['phone_calls', 'Phone calls'], ['name', 'Name'],
])('labels %s as %s', (name, label) => expect(labelOf(name)).toBe(label));

it('calls a reference by what it refers to, and nothing else', () => {
  expect(fieldLabel({ ...field('reference'), name: 'companyId' })).toBe('Company');
  expect(fieldLabel({ ...field('text'), name: 'externalId' })).toBe('External id');
});

it.each([
  [field('decimal', 2), 395000, '395,000.00'],
  [field('integer'), 1234, '1,234'],
  [field('date'), '2026-11-21', 'Nov 21, 2026'],
  [field('enumeration'), 'in_progress', 'In progress'],
  [field('text'), null, DASH],
  [field('text'), '', DASH],
  [field('set'), ['a', 'b'], 'a, b'],
])('%o shows %o as %s', (meta, value, text) => {
  expect(formatValue(meta as FieldMeta, value)).toBe(text);
});

it('speaks of time as people do', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  expect(formatRelative(now - 3 * 60_000, now)).toBe('3 minutes ago');
  expect(formatRelative(now + 2 * 86_400_000, now)).toBe('in 2 days');
  expect(formatRelative(now - 5_000, now)).toBe('this minute');
});

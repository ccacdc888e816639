// Rule: a number is read as the locale writes it, or not at all; nothing is dropped, clamped or guessed.
import type { FieldMeta } from '@syncline/client';
import { expect, it } from 'vitest';
import { readDuration, readNumber, showDuration, writeNumber } from '../src/fields/read_number.ts';

const field = (change: Partial<FieldMeta>): FieldMeta => ({
  id: 8, name: 'value', type: 'decimal', slot: 0, format: 'plain', required: false, unique: false, readOnly: false, scale: 2,
  maxLength: 0, min: null, max: null, options: [], target: null, whenTargetDeleted: null, policy: 'reject', defaultText: null, ...change,
});
const money = field({});
const percent = field({ name: 'probability', type: 'integer', scale: 0, min: 0, max: 100 });
const count = field({ name: 'employees', type: 'integer', scale: 0, min: 0 });

it.each([
  ['en-US', '1,234.56', 1234.56], ['en-US', '1234.5', 1234.5], ['en-US', '1234', 1234], ['en-US', '-5', -5], ['en-US', '.5', 0.5],
  ['en-US', ' 12 ', 12], ['en-US', '12,345', 12345], ['en-US', '\u2212 5'.replace(' ', ''), -5], ['en-US', '-0', 0],
  ['de-DE', '1.234,56', 1234.56], ['de-DE', '1234,56', 1234.56], ['de-DE', '12.345', 12345],
  // Not the German form, and in no German reading a number: what a program copied.
  ['de-DE', '1234.56', 1234.56], ['de-DE', '12.34', 12.34],
  ['de-CH', "1'234.56", 1234.56], ['fr-FR', '1 234,56', 1234.56], ['fr-FR', '1\u202f234,56', 1234.56],
  ['es-ES', '1.234', 1234], ['en-IN', '12,34,567', 1234567], ['ar-EG', '١٬٢٣٤٫٥٦', 1234.56],
  ['en-US', '90071992547409.91', 90071992547409.91],
])('%s reads %s', (locale, typed, value) => expect(readNumber(money, typed, locale)).toEqual({ value }));

it.each([
  ['en-US', '1.234,56', 'number'], ['en-US', '1e3', 'number'], ['en-US', '12abc', 'number'], ['en-US', '12,34', 'number'],
  ['en-US', '1,2345', 'number'], ['en-US', '--5', 'number'], ['en-US', '.', 'number'], ['en-US', '1 234', 'number'], ['en-US', '0,001', 'number'],
  ['en-US', '12.345', 'digits'], ['en-US', '12.340', 'digits'], ['en-US', '99999999999999999', 'atMost'], ['en-US', '-99999999999999999', 'atLeast'],
  ['de-DE', '1,234.56', 'number'], ['de-DE', '12,345', 'digits'],
])('%s does not read %s as money', (locale, typed, key) => {
  expect(readNumber(money, typed, locale)).toMatchObject({ problem: { key } });
});

it.each([['-3'], ['7.5'], ['12abc'], ['999'], ['1e1']])('%s is no probability, and the limits are named', (typed) => {
  expect(readNumber(percent, typed, 'en-US')).toEqual({ problem: { key: 'between', with: { min: '0', max: '100' } } });
});

it('names the one limit that there is, and shows the form by an example of the locale', () => {
  expect(readNumber(count, '-1', 'en-US')).toEqual({ problem: { key: 'atLeast', with: { limit: '0' } } });
  expect(readNumber(count, '1.5', 'en-US')).toEqual({ problem: { key: 'wholeNumber', with: { example: '1,234' } } });
  expect(readNumber(money, 'x', 'de-DE')).toEqual({ problem: { key: 'number', with: { example: '1.234,56' } } });
});

it('reads an empty box as no value', () => expect(readNumber(money, '  ', 'en-US')).toEqual({ value: null }));

it.each(['en-US', 'de-DE', 'fr-FR', 'de-CH', 'hi-IN', 'ar-EG', 'sv-SE', 'pt-PT'])('%s reads what it writes', (locale) => {
  for (const value of [0, -5, 1234.56, 1234567.8, 0.01, -0.5]) {
    expect(readNumber(money, writeNumber(money, value, locale), locale)).toEqual({ value });
  }
});

it.each([[0, '0:00'], [125, '2:05'], [3725, '1:02:05']])('%d seconds are %s, both ways', (seconds, text) => {
  expect(showDuration(seconds)).toBe(text);
  expect(readDuration(count, text, 'en-US')).toEqual({ value: seconds });
});
it.each([['125'], ['2:5'], ['2:60'], ['1:60:00'], ['-1:00'], ['x']])('%s is no duration', (text) => {
  expect(readDuration(count, text, 'en-US')).toEqual({ problem: { key: 'duration', with: { example: '2:05' } } });
});
it('minutes may be more than an hour', () => expect(readDuration(count, '90:00', 'en-US')).toEqual({ value: 5400 }));

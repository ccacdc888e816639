// Rule: a date is read as ISO or as the locale writes it, or not at all; nothing rolls over into another day.
import { expect, it } from 'vitest';
import { dateForm, momentForm, readDate, readMoment, writeDate, writeMoment } from '../src/fields/read_date.ts';

it.each([
  ['en-US', '2026-12-31', '2026-12-31'], ['en-US', '12/31/2026', '2026-12-31'], ['en-US', '4/3/2027', '2027-04-03'],
  ['en-GB', '31/12/2026', '2026-12-31'], ['de-DE', '31.12.2026', '2026-12-31'], ['de-DE', '4.3.2027', '2027-03-04'],
  ['hu-HU', '2026. 12. 31.', '2026-12-31'], ['sv-SE', '2026-12-31', '2026-12-31'], ['en-US', '2028-02-29', '2028-02-29'],
])('%s reads %s', (locale, typed, value) => expect(readDate(typed, locale)).toEqual({ value }));

it.each([
  ['en-US', '2026-02-31'], ['en-US', '31.12.2026'], ['en-US', '4.3.2027'], ['en-US', '5'], ['en-US', '2027-03-04x'],
  ['en-US', '99999-01-01'], ['en-US', 'tomorrow'], ['en-US', '31/12/2026'], ['en-US', '12/31/26'], ['en-US', '2026-2-3'],
  ['en-US', '2027-02-29'], ['en-US', '0000-01-01'], ['de-DE', '12/31/2026'], ['de-DE', '31.02.2026'], ['de-DE', '12.31.2026'],
])('%s does not read %s', (locale, typed) => expect(readDate(typed, locale)).toHaveProperty('problem'));

it('says by an example what it expects', () => {
  expect(readDate('5', 'en-US')).toEqual({ problem: { key: 'dateOrIso', with: { example: '12/31/2026', iso: '2026-12-31' } } });
  expect(readDate('5', 'sv-SE')).toEqual({ problem: { key: 'date', with: { example: '2026-12-31' } } });
  expect([dateForm('en-US'), dateForm('de-DE'), dateForm('sv-SE')]).toEqual(['MM/DD/YYYY', 'DD.MM.YYYY', 'YYYY-MM-DD']);
  expect([momentForm('en-US'), momentForm('de-DE')]).toEqual(['MM/DD/YYYY h:mm AM/PM', 'DD.MM.YYYY HH:mm']);
});

const LOCALES = ['en-US', 'en-GB', 'de-DE', 'hu-HU', 'ko-KR', 'bg-BG', 'ar-EG', 'fa-IR', 'th-TH', 'ja-JP', 'sv-SE', 'fr-CA'];
const at = new Date(2026, 11, 31, 14, 30).getTime();

it.each(LOCALES)('%s reads what it writes', (locale) => {
  expect(readDate(writeDate('2026-12-31', locale), locale)).toEqual({ value: '2026-12-31' });
  expect(readMoment(writeMoment(at, locale), locale)).toEqual({ value: at });
});

it.each([
  ['en-US', '12/31/2026 2:30 PM'], ['en-US', '12/31/2026, 2:30 p.m.'], ['en-US', '2026-12-31 14:30'], ['en-US', '2026-12-31T14:30'],
  ['de-DE', '31.12.2026 14:30'],
])('%s reads the time %s', (locale, typed) => expect(readMoment(typed, locale)).toEqual({ value: at }));

it.each([
  ['en-US', '12/31/2026'], ['en-US', '12/31/2026 2:30'], ['en-US', '12/31/2026 25:00'], ['en-US', '12/31/2026 14:60'], ['en-US', '12/31/2026 14:30 PM'],
  ['en-US', '02/30/2026 14:30'], ['en-US', '14:30'], ['de-DE', '31.12.2026 0:30 PM'],
])('%s does not read the time %s', (locale, typed) => expect(readMoment(typed, locale)).toHaveProperty('problem'));

it('midnight and noon are told apart', () => {
  const midnight = new Date(2026, 11, 31).getTime();
  expect(writeMoment(midnight, 'en-US')).toBe('12/31/2026 12:00 AM');
  expect(readMoment('12/31/2026 12:00 AM', 'en-US')).toEqual({ value: midnight });
  expect(readMoment('12/31/2026 12:00 PM', 'en-US')).toEqual({ value: midnight + 12 * 3_600_000 });
});

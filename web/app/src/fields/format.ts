// How values read: money, dates and numbers in the user's locale; absent values as a quiet dash.
import type { FieldMeta } from '@syncline/client';
import { presentationOf } from './presentation.ts';
import { showDuration } from './read_number.ts';

export const DASH = '–';

/** How this person writes numbers and dates. */
export const locale = typeof navigator === 'undefined' ? 'en' : navigator.language;
const numbers = new Map<number, Intl.NumberFormat>();
const moneyCompact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** "expectedCloseOn" → "Expected close on", "phone_calls" → "Phone calls". */
export function labelOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What people call a field; a reference is called by what it refers to: companyId is the "Company". */
export function fieldLabel(field: FieldMeta): string {
  if (presentationOf(field) === 'seconds') return labelOf(field.name.replace(/Seconds$/, ''));
  return labelOf(field.type === 'reference' ? field.name.replace(/Id$/, '') : field.name);
}

export function formatNumber(value: number, digits = 0): string {
  let format = numbers.get(digits);
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    numbers.set(digits, format);
  }
  return format.format(value);
}

/** 1234567 → "1.2M": cards and board headers; the exact value belongs into the title. */
export function formatCompact(value: number): string {
  return moneyCompact.format(value);
}

export function formatDate(value: string): string {
  return dates.format(Date.parse(`${value}T00:00:00Z`));
}

export function formatMoment(value: number): string {
  return moments.format(value);
}

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000_000], ['month', 2_592_000_000], ['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000],
];

/** "3 minutes ago", "in 2 days". */
export function formatRelative(value: number, now: number = Date.now()): string {
  const distance = value - now;
  for (const [unit, size] of UNITS) {
    if (Math.abs(distance) >= size) return relative.format(Math.trunc(distance / size), unit);
  }
  return relative.format(0, 'minute');
}

function formatInteger(field: FieldMeta, value: number): string {
  switch (presentationOf(field)) {
    case 'year':
      return String(value);
    case 'seconds':
      return showDuration(value);
    default:
      return formatNumber(value);
  }
}

/** An item of a set: an option by its label, free text as it was written. */
export function itemLabel(field: FieldMeta, item: string): string {
  return field.options.includes(item) ? labelOf(item) : item;
}

/** A value as one line of text; references and sets are shown by their own components. */
export function formatValue(field: FieldMeta, value: unknown): string {
  if (value === null || value === undefined || value === '') return DASH;
  switch (field.type) {
    case 'decimal':
      return formatNumber(Number(value), field.scale);
    case 'integer':
      return formatInteger(field, Number(value));
    case 'date':
      return formatDate(String(value));
    case 'timestamp':
      return formatMoment(Number(value));
    case 'enumeration':
      return labelOf(String(value));
    case 'boolean':
      return value === true ? 'Yes' : 'No';
    case 'set':
      return Array.isArray(value) && value.length > 0 ? value.map((item) => itemLabel(field, String(item))).join(', ') : DASH;
    default:
      return String(value);
  }
}

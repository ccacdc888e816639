// The period that the dashboard looks at, as its address says it, and as the queries want it.
import type { Moment, Periods } from '@syncline/client/crm';
import { daysFromToday } from './today.ts';

export const PERIODS = [7, 30, 90] as const;
export type Days = (typeof PERIODS)[number];
export const DEFAULT_DAYS: Days = 30;

/** Whatever stands in the address bar. */
export function daysOf(search: Record<string, unknown>): Days {
  return PERIODS.find((days) => days === search['days']) ?? DEFAULT_DAYS;
}
export function searchOf(days: Days): { readonly days?: Days } {
  return days === DEFAULT_DAYS ? {} : { days };
}

const two = (number: number): string => String(number).padStart(2, '0');

/** A local midnight, and the day that begins then. */
export function momentOf(at: number): Moment {
  const date = new Date(at);
  return { at, on: `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}` };
}

/** So many days up to and including today, and as many before them. */
export function periodsOf(today: number, days: number): Periods {
  const moment = (offset: number): Moment => momentOf(daysFromToday(today, offset));
  return { previous: moment(1 - 2 * days), from: moment(1 - days), to: moment(1) };
}

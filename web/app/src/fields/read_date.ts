// Reads dates and times as ISO or the locale writes them. A day that is not in the calendar stays a problem; nothing rolls over.
import type { JsValue } from '@syncline/client';
import { plainSigns, problem, type Reading } from './reading.ts';

type Piece = { readonly kind: 'year' | 'month' | 'day' } | { readonly kind: 'literal'; readonly text: string };

const EXAMPLE = '2026-12-31';

function piecesOf(locale: string): readonly Piece[] {
  const format = new Intl.DateTimeFormat(locale, {
    year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'gregory', numberingSystem: 'latn', timeZone: 'UTC',
  });
  return format.formatToParts(Date.UTC(2026, 11, 31)).flatMap((part): Piece[] => {
    if (part.type === 'year' || part.type === 'month' || part.type === 'day') return [{ kind: part.type }];
    return part.type === 'literal' ? [{ kind: 'literal', text: part.value.replace(/[\u200e\u200f\u061c]/g, '') }] : [];
  });
}

function assemble(locale: string, texts: { readonly year: string; readonly month: string; readonly day: string }): string {
  return piecesOf(locale).map((piece) => (piece.kind === 'literal' ? piece.text : texts[piece.kind])).join('').trim();
}

/** "MM/DD/YYYY" */
export function dateForm(locale: string): string {
  return assemble(locale, { year: 'YYYY', month: 'MM', day: 'DD' });
}

export function writeDate(iso: string, locale: string): string {
  const [year = '', month = '', day = ''] = iso.split('-');
  return assemble(locale, { year, month, day });
}

function inCalendar(year: string, month: string, day: string): string | null {
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00:00Z`);
  return year !== '0000' && !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === iso ? iso : null;
}

/** The day as ISO writes it; null for anything that is not clearly one. */
function dayOf(typed: string, locale: string): string | null {
  const text = plainSigns(typed);
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (iso) return inCalendar(iso[1]!, iso[2]!, iso[3]!);
  const pieces = piecesOf(locale);
  const pattern = pieces.map((piece, i) => {
    if (piece.kind === 'year') return '(?<year>\\d{4})';
    if (piece.kind !== 'literal') return `(?<${piece.kind}>\\d{1,2})`;
    const sign = `\\s*${piece.text.trim().replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}\\s*`;
    return i === pieces.length - 1 ? `(?:${sign})?` : sign;
  }).join('');
  const { year, month, day } = new RegExp(`^${pattern}$`).exec(text)?.groups ?? {};
  return year && month && day ? inCalendar(year, month, day) : null;
}

function example(key: 'date' | 'moment', local: string, iso: string): Reading {
  return local === iso ? problem(key, { example: local }) : problem(`${key}OrIso`, { example: local, iso });
}

export function readDate(typed: string, locale: string): Reading {
  if (typed.trim() === '') return { value: null };
  const day = dayOf(typed, locale);
  return day === null ? example('date', writeDate(EXAMPLE, locale), EXAMPLE) : { value: day };
}

/** English is the only language of which AM and PM can be expected on every keyboard. */
function halfDays(locale: string): boolean {
  return locale.startsWith('en') && new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12 === true;
}

const two = (number: number): string => String(number).padStart(2, '0');

function writeTime(hours: number, minutes: number, locale: string): string {
  if (!halfDays(locale)) return `${two(hours)}:${two(minutes)}`;
  return `${hours % 12 === 0 ? 12 : hours % 12}:${two(minutes)} ${hours < 12 ? 'AM' : 'PM'}`;
}

/** "MM/DD/YYYY h:mm AM" */
export function momentForm(locale: string): string {
  return `${dateForm(locale)} ${halfDays(locale) ? 'h:mm AM/PM' : 'HH:mm'}`;
}

/** The day in the browser's time zone, as ISO writes it. */
export const localDay = (at: Date): string => `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

export function writeMoment(value: JsValue, locale: string): string {
  if (typeof value !== 'number') return '';
  const at = new Date(value);
  return `${writeDate(localDay(at), locale)} ${writeTime(at.getHours(), at.getMinutes(), locale)}`;
}

/** In the browser's time zone; an hour that a change of clocks leaves out is not one. */
export function momentAt(day: string, hours: number, minutes: number): number | null {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const at = new Date(0);
  at.setFullYear(year, month - 1, date);
  at.setHours(hours, minutes, 0, 0);
  return localDay(at) === day && at.getHours() === hours && at.getMinutes() === minutes ? at.getTime() : null;
}

function hoursOf(digits: string, half: string | undefined, locale: string): number | null {
  const hours = Number(digits);
  if (half === undefined) return hours <= 23 && (digits.length === 2 || !halfDays(locale)) ? hours : null;
  if (hours < 1 || hours > 12) return null;
  return (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

export function readMoment(typed: string, locale: string): Reading {
  if (typed.trim() === '') return { value: null };
  const match = /^(.+?)(?:T|,? )(\d{1,2}):([0-5]\d)(?: ?([ap])\.? ?m\.?)?$/i.exec(plainSigns(typed));
  const day = match ? dayOf(match[1]!, locale) : null;
  const hours = match ? hoursOf(match[2]!, match[4], locale) : null;
  const value = day === null || hours === null ? null : momentAt(day, hours, Number(match?.[3]));
  if (value !== null) return { value };
  return example('moment', `${writeDate(EXAMPLE, locale)} ${writeTime(14, 30, locale)}`, `${EXAMPLE} 14:30`);
}

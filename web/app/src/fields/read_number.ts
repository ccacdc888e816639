// Reads numbers as the locale writes them, and nothing else: what could be meant in two ways is a problem, not a guess.
import type { FieldMeta, JsValue } from '@syncline/client';
import { presentationOf } from './presentation.ts';
import { plainSigns, problem, type Reading } from './reading.ts';

interface Parts {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

/** Numbers reach the engine as doubles and have to come back the same. */
const MANTISSA_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

function signOf(locale: string, type: 'group' | 'decimal'): string {
  const parts = new Intl.NumberFormat(locale, { useGrouping: 'always', minimumFractionDigits: 1 }).formatToParts(1234567.8);
  const sign = parts.find((part) => part.type === type)?.value ?? '';
  return plainSigns(sign) === '' && sign !== '' ? ' ' : plainSigns(sign);
}

function latinDigits(text: string, locale: string): string {
  const one = new Intl.NumberFormat(locale, { useGrouping: false });
  return Array.from({ length: 10 }, (_, digit) => [one.format(digit), String(digit)] as const)
    .reduce((result, [own, latin]) => result.replaceAll(own, latin), text);
}

function isGroupedRight(whole: string, group: string, locale: string): boolean {
  const digits = whole.replaceAll(group, '');
  const format = new Intl.NumberFormat(locale, { useGrouping: 'always', maximumFractionDigits: 0 });
  return latinDigits(plainSigns(format.format(BigInt(digits))), locale) === whole;
}

function splitNumber(typed: string, locale: string): Parts | null {
  const text = latinDigits(plainSigns(typed), locale);
  const group = signOf(locale, 'group');
  const decimal = signOf(locale, 'decimal');
  const local = new RegExp(`^(-?)(\\d[\\d${escaped(group)}]*)?(?:${escaped(decimal)}(\\d+))?$`).exec(text);
  const whole = local?.[2] ?? '';
  if (local && (whole !== '' || local[3]) && (group === '' || !whole.includes(group) || isGroupedRight(whole, group, locale))) {
    return { negative: local[1] === '-', whole: group === '' ? whole : whole.replaceAll(group, ''), fraction: local[3] ?? '' };
  }
  // Copied from a program: 1234.56, where no local reading of it exists.
  const plain = /^(-?)(\d+)\.(\d+)$/.exec(text);
  return plain && decimal !== '.' ? { negative: plain[1] === '-', whole: plain[2]!, fraction: plain[3]! } : null;
}

export function showNumber(field: FieldMeta, value: number, locale: string, grouped = presentationOf(field) !== 'year'): string {
  return new Intl.NumberFormat(locale, {
    useGrouping: grouped ? 'auto' : false, minimumFractionDigits: field.scale, maximumFractionDigits: field.scale,
  }).format(value);
}

/** As it is edited: without grouping, so that a digit more or less does not put the groups in the wrong places. */
export function writeNumber(field: FieldMeta, value: JsValue, locale: string): string {
  return value === null || value === '' || !Number.isFinite(Number(value)) ? '' : showNumber(field, Number(value), locale, false);
}

function limitProblem(field: FieldMeta, below: boolean, locale: string): Reading {
  const limit = (mantissa: number) => showNumber(field, mantissa / 10 ** field.scale, locale);
  if (field.min !== null && field.max !== null) return problem('between', { min: limit(field.min), max: limit(field.max) });
  if (below) return problem('atLeast', { limit: limit(field.min ?? -Number.MAX_SAFE_INTEGER) });
  return problem('atMost', { limit: limit(field.max ?? Number.MAX_SAFE_INTEGER) });
}

function unreadable(field: FieldMeta, locale: string): Reading {
  if (field.min !== null && field.max !== null) return limitProblem(field, false, locale);
  return problem(field.scale > 0 ? 'number' : 'wholeNumber', { example: showNumber(field, field.scale > 0 ? 1234.56 : 1234, locale) });
}

function withinLimits(field: FieldMeta, mantissa: bigint, locale: string): Reading {
  const min = field.min === null ? -MANTISSA_MAX : BigInt(field.min);
  const max = field.max === null ? MANTISSA_MAX : BigInt(field.max);
  if (mantissa < min || mantissa > max) return limitProblem(field, mantissa < min, locale);
  return { value: Number(mantissa) / 10 ** field.scale };
}

export function readNumber(field: FieldMeta, typed: string, locale: string): Reading {
  if (typed.trim() === '') return { value: null };
  const parts = splitNumber(typed, locale);
  if (!parts || (field.scale === 0 && parts.fraction !== '')) return unreadable(field, locale);
  if (parts.fraction.length > field.scale) {
    return problem('digits', { digits: String(field.scale), example: showNumber(field, 1234.56, locale) });
  }
  const mantissa = BigInt(parts.whole + parts.fraction.padEnd(field.scale, '0'));
  return withinLimits(field, parts.negative ? -mantissa : mantissa, locale);
}

/** 125 → "2:05", 3725 → "1:02:05". */
export function showDuration(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const total = Math.abs(Math.trunc(seconds));
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return `${seconds < 0 ? '-' : ''}${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(rest)}`;
}

export function readDuration(field: FieldMeta, typed: string, locale: string): Reading {
  const text = plainSigns(typed);
  if (text === '') return { value: null };
  const match = /^(?:(\d{1,9}):([0-5]\d)|(\d{1,9})):([0-5]\d)$/.exec(text);
  if (!match) return problem('duration', { example: showDuration(125) });
  const [, hours = '0', minutes, onlyMinutes, seconds] = match;
  return withinLimits(field, BigInt(hours) * 3600n + BigInt(minutes ?? onlyMinutes ?? '0') * 60n + BigInt(seconds ?? '0'), locale);
}

// What came of reading typed text: a value, or what is wrong with it, as a key of the texts with its parameters.
import type { JsValue } from '@syncline/client';

export interface Problem {
  readonly key: string;
  readonly with: Readonly<Record<string, string>>;
}

export type Reading = { readonly value: JsValue } | { readonly problem: Problem };

export function problem(key: string, parameters: Readonly<Record<string, string>> = {}): Reading {
  return { problem: { key, with: parameters } };
}

/** Spaces, minus signs and apostrophes come in many kinds; marks of direction are not typed by anybody. */
export function plainSigns(text: string): string {
  return text
    .replace(/[\u200e\u200f\u061c]/g, '')
    .replace(/[\s\u00a0\u2009\u202f]+/g, ' ')
    .replace(/\u2212/g, '-')
    .replace(/\u2019/g, "'")
    .trim();
}

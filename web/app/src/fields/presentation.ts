// What people see of a field and its type alone does not say. By name, for the same name means the same everywhere.
import type { FieldMeta } from '@syncline/client';

/** order: how records are sorted among each other, written by moving them and never as a number; seconds: a length of time. */
export type Presentation = 'year' | 'seconds' | 'order' | 'plain';

const PRESENTATIONS: Readonly<Record<string, Presentation>> = { foundedYear: 'year', durationSeconds: 'seconds', position: 'order' };

/** A new record gets one by the rules when none is chosen; afterwards it is never without. */
const NEVER_EMPTIED: ReadonlySet<string> = new Set(['stageId']);

export function presentationOf(field: FieldMeta): Presentation {
  return field.type === 'integer' ? (PRESENTATIONS[field.name] ?? 'plain') : 'plain';
}

/** Kept for the engine's use: neither shown nor edited as a field. */
export function isInternal(field: FieldMeta): boolean {
  return presentationOf(field) === 'order';
}

/** As a record that exists has it. */
export function withLaterNeeds(field: FieldMeta): FieldMeta {
  return NEVER_EMPTIED.has(field.name) ? { ...field, required: true } : field;
}

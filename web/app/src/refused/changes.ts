// What the server did not accept, as people read it. A conflict is one that its author can decide by choosing values.
import { type BaseVersion, type CollectionMeta, type Conflict, type FieldConflict, type FieldMeta, type JsValue, type MutationId, schema } from '@syncline/client';
import { collectionNamed } from '../fields/reference.ts';

/** A conflict to decide: just heard (Settled), or kept from before (RefusedMutation). */
export interface ConflictCase {
  readonly id: MutationId;
  readonly mutator: string;
  /** At which the server judged: the base of a second try, for its author has seen what stands there. */
  readonly version: number;
  readonly conflicts: readonly Conflict[];
}

interface Kept {
  readonly client: string;
  readonly sequence: number;
  readonly name: string;
  readonly verdict: { readonly version: number; readonly conflicts: readonly Conflict[] };
}

/** Null: nothing in it is to be chosen. */
export function caseOf({ client, sequence, name, verdict }: Kept): ConflictCase | null {
  return verdict.conflicts.length > 0 ? { id: { client, sequence }, mutator: name, version: verdict.version, conflicts: verdict.conflicts } : null;
}

/**
 * The one record of it about which its author can decide: mine were plain values, so that they can simply be written again, or
 * the record be brought back with them where it was deleted.
 */
export function decidable({ mutator, conflicts }: ConflictCase): Conflict | null {
  const [first] = conflicts;
  return /\.(update|restore)$/.test(mutator) && conflicts.length === 1 && first && first.fields.length > 0 ? first : null;
}

type Resting = MutationId & { readonly bases: readonly BaseVersion[] };

/** What falls with these: undos of them, redos of those, and so on. */
export function restingOn(refused: readonly Resting[], ids: readonly MutationId[]): readonly MutationId[] {
  const names = new Set(ids.map(nameOf));
  return refused.filter((each) => {
    const falls = subjectsOf(each).some((name) => names.has(name));
    if (falls) names.add(nameOf(each));
    return falls;
  });
}
/** It is an undo or redo of a change that was not saved: there is nothing to take back. */
export function rests(refused: readonly Resting[], { client, sequence }: MutationId): boolean {
  const it = refused.find((each) => each.client === client && each.sequence === sequence);
  const subjects = it ? subjectsOf(it) : [];
  return refused.some((each) => subjects.includes(nameOf(each)));
}
const subjectsOf = ({ bases }: Resting): readonly string[] =>
  bases.filter(({ collection }) => collection === '').map(({ record, version }) => nameOf({ client: record, sequence: version }));
const nameOf = ({ client, sequence }: MutationId): string => `${client}:${sequence}`;

/** What is decided at once. */
export interface Decision {
  readonly conflict: ConflictCase;
  /** Everything that is no more when it is decided. */
  readonly ids: readonly MutationId[];
}

/**
 * With `opened` all that met somebody else's on the same record: what stood there before the first of them, what the last one
 * wanted, and what the server said last. Nobody is asked twice about a field, and never about a word of his own.
 */
export function together(refused: readonly (Kept & Resting)[], opened: ConflictCase): Decision {
  const record = decidable(opened)?.record;
  const cases = record === undefined ? [] : refused.map(caseOf).filter((each) => each !== null && decidable(each)?.record === record) as ConflictCase[];
  const last = cases.at(-1);
  if (!last) return { conflict: opened, ids: [opened.id, ...restingOn(refused, [opened.id])] };
  const fields = new Map<string, FieldConflict>();
  for (const each of cases) {
    for (const values of decidable(each)!.fields) fields.set(values.field, { ...values, base: (fields.get(values.field) ?? values).base });
  }
  const ids = cases.map(({ id }) => id);
  const whole = { ...decidable(last)!, fields: [...fields.values()] };
  // What came between two of the verdicts its author has not seen; of a record that is gone there is nothing else to see.
  const version = whole.deleted ? last.version : Math.min(...cases.map((each) => each.version));
  return { conflict: { ...last, version, conflicts: [whole] }, ids: [...ids, ...restingOn(refused, ids)] };
}

export interface ConflictField {
  readonly field: FieldMeta;
  readonly values: FieldConflict;
}

export function fieldsOf(conflict: Conflict): readonly ConflictField[] {
  const collection = collectionNamed(conflict.collection);
  return conflict.fields.flatMap((values) => {
    const field = collection.fields.find(({ name }) => name === values.field);
    return field ? [{ field, values }] : [];
  });
}

/** What is to be written so that `mine` stands in these fields; null: nothing, theirs stands everywhere. */
export function patchOf(conflict: Conflict, mine: ReadonlySet<string>): Record<string, JsValue> | null {
  const chosen = conflict.fields.filter(({ field }) => mine.has(field));
  return chosen.length > 0 ? Object.fromEntries(chosen.map(({ field, mine: value }) => [field, value])) : null;
}

export interface ChangeFacts {
  /** Null: another version of the application made it, and this one does not know it. */
  readonly collection: CollectionMeta | null;
  /** insert, update, remove, or what the domain calls it. */
  readonly action: string;
  readonly record: string | null;
  readonly fields: readonly { readonly field: FieldMeta; readonly value: JsValue }[];
  /** This version can ask for it once more. */
  readonly isKnown: boolean;
  /** Arguments that nobody knows a field for, by name. */
  readonly others: readonly (readonly [string, JsValue])[];
}

/** What a mutation was asked to do. */
export function factsOf(name: string, args: Readonly<Record<string, JsValue>>): ChangeFacts {
  const mutator = schema.mutators.find((each) => each.name === name);
  const named = mutator?.collection ?? name.split('.')[1];
  const collection = schema.collections.find((each) => each.name === named) ?? null;
  const known = [...(mutator?.arguments ?? []), ...(collection?.fields ?? [])];
  const fields = Object.entries(args).flatMap(([argument, value]) => {
    const field = argument === 'id' ? undefined : known.find((each) => each.name === argument);
    return field ? [{ field, value }] : [];
  });
  const others = Object.entries(args).filter(([argument]) => argument !== 'id' && !known.some((each) => each.name === argument));
  const record = typeof args['id'] === 'string' ? args['id'] : null;
  return { collection, action: name.split('.').at(-1)!, record, fields, isKnown: mutator !== undefined && others.length === 0, others };
}

// Refusals in words. The engine names fields as they are on the wire; people read their labels.
import { type CollectionMeta, type EngineError, type FieldMeta, MutationRefused, ValueError } from '@syncline/client';
import type { TFunction } from 'i18next';
import { fieldLabel, labelOf } from './format.ts';

type KnownFields = readonly FieldMeta[];

function labelIn(fields: KnownFields, name: string): string {
  const field = fields.find((each) => each.name === name);
  return field ? fieldLabel(field) : labelOf(name.replace(/Id$/, ''));
}

/** Every field that is wrong with what is wrong; the whole where no field is to blame. */
export function engineText(error: EngineError, fields: KnownFields): string {
  if (error.fields.length === 0) return error.message;
  return error.fields.map((each) => `${labelIn(fields, each.field)}: ${each.message}`).join('\n');
}

export function refusalText(t: TFunction, error: unknown, fields: KnownFields = []): string {
  if (error instanceof ValueError) return t('toast.mustBe', { field: labelIn(fields, error.field), expected: error.expected });
  if (error instanceof MutationRefused) return engineText(error.engine, fields);
  return error instanceof Error ? error.message : String(error);
}

export interface FormRefusal {
  readonly byField: Readonly<Record<string, string>>;
  /** What concerns no field that the form shows. */
  readonly rest: string | null;
}

/** A refusal sorted to the fields that a form shows. */
export function sortRefusal(t: TFunction, error: unknown, shown: KnownFields, collection: CollectionMeta): FormRefusal {
  const isShown = (name: string) => shown.some((field) => field.name === name);
  if (error instanceof ValueError && isShown(error.field)) {
    return { byField: { [error.field]: t('input.mustBe', { expected: error.expected }) }, rest: null };
  }
  if (!(error instanceof MutationRefused) || error.engine.fields.length === 0) {
    return { byField: {}, rest: refusalText(t, error, collection.fields) };
  }
  const { fields } = error.engine;
  const others = fields.filter((each) => !isShown(each.field));
  return {
    byField: Object.fromEntries(fields.filter((each) => isShown(each.field)).map((each) => [each.field, each.message])),
    rest: others.length > 0 ? engineText({ ...error.engine, fields: others }, collection.fields) : null,
  };
}

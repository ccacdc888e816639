import { type CollectionMeta, type FieldMeta, schema } from '@syncline/client';

export interface Dependent {
  readonly collection: CollectionMeta;
  readonly field: FieldMeta;
}

/** Whatever may refer to a record of `target`, and does not stop its deletion; what is deleted with it first. */
export function dependentsOf(target: CollectionMeta): readonly Dependent[] {
  const all = schema.collections.flatMap((collection) => collection.fields
    .filter((field) => field.target === target.name && field.slot >= 0 && field.whenTargetDeleted !== 'refused')
    .map((field): Dependent => ({ collection, field })));
  const goes = ({ field }: Dependent) => field.whenTargetDeleted === 'deleted';
  return [...all.filter(goes), ...all.filter((each) => !goes(each))];
}

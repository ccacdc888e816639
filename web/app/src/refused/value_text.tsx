// A value in one line, as FieldView shows it: a reference by the name of its record, where that may be seen.
import type { FieldMeta } from '@syncline/client';
import { useDb, useRow } from '@syncline/react';
import { formatValue, labelOf } from '../fields/format.ts';
import { collectionNamed, titleOf } from '../fields/reference.ts';

export function useValueText(field: FieldMeta, value: unknown): string {
  const db = useDb();
  const target = field.type === 'reference' && typeof value === 'string' && field.target ? collectionNamed(field.target) : null;
  const { data: row } = useRow(target ? db.table(target.key).get(String(value)) : null);
  if (target) return row ? titleOf(target, row) : labelOf(target.singular);
  return formatValue(field, value);
}

export function ValueText({ field, value }: { readonly field: FieldMeta; readonly value: unknown }) {
  return <>{useValueText(field, value)}</>;
}

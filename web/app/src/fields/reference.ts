// References: which collection a field points to, what its records are called, where their pages are.
import { type CollectionMeta, type FieldMeta, type Row, schema } from '@syncline/client';

export function collectionNamed(name: string): CollectionMeta {
  const found = schema.collections.find((collection) => collection.name === name || collection.key === name);
  if (!found) throw new RangeError(`there is no collection "${name}"`);
  return found;
}

export function fieldNamed(collection: CollectionMeta, name: string): FieldMeta {
  const found = collection.fields.find((field) => field.name === name);
  if (!found) throw new RangeError(`${collection.name} has no field "${name}"`);
  return found;
}

/** "companyId" → "company": the name under which the record is included. */
export function includeNameOf(field: FieldMeta): string {
  return field.name.replace(/Id$/, '');
}

/** How records are offered: reference data in the order that people gave it (stages as the pipeline has them), else by name. */
export function orderOf(collection: CollectionMeta): readonly string[] {
  const arranged = !PAGES.has(collection.name) && collection.fields.some((field) => field.name === 'position');
  return arranged ? ['position', collection.titleField] : [collection.titleField];
}

export function includedRow(row: Row, field: FieldMeta): Row | null {
  const included = row[includeNameOf(field)];
  return typeof included === 'object' && included !== null && !Array.isArray(included) ? (included as Row) : null;
}

export function titleOf(collection: CollectionMeta, row: Row): string {
  const title = row[collection.titleField];
  return typeof title === 'string' && title !== '' ? title : row.id.slice(0, 8);
}

/** The page of a record; null for collections without pages of their own (users, sources, …). */
export function pathOf(collectionName: string, id: string): string | null {
  return PAGES.has(collectionName) ? `/${collectionName.replaceAll('_', '-')}/${id}` : null;
}

const PAGES = new Set(['leads', 'companies', 'contacts', 'deals', 'tasks', 'activities', 'phone_calls']);

// The state of a list as its URL says it: sort and filters. A colleague who opens the link sees the same.
import type { CollectionMeta, FieldMeta, JsValue, Operator, QueryBuilder, Row } from '@syncline/client';
import { likePattern } from '../fields/like_pattern.ts';
import { includeNameOf } from '../fields/reference.ts';
import type { ListConfig } from './list_config.ts';

export interface Filter {
  readonly field: string;
  readonly operator: Operator;
  readonly value: JsValue;
}

export interface ListSearch {
  /** "-value": by value, largest first. */
  readonly sort?: string;
  readonly filters?: readonly Filter[];
}

const OPERATORS: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=', 'in', 'like', 'is null', 'contains'];

const isJsValue = (value: unknown): value is JsValue =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));

/** Whatever stands in the address bar; nonsense is dropped, never thrown. */
export function parseListSearch(search: Record<string, unknown>): ListSearch {
  const filters = (Array.isArray(search['filters']) ? search['filters'] : []).filter(
    (each: unknown): each is Filter =>
      typeof each === 'object' && each !== null && typeof (each as Filter).field === 'string' &&
      OPERATORS.includes((each as Filter).operator) && isJsValue((each as Filter).value),
  );
  return {
    ...(typeof search['sort'] === 'string' ? { sort: search['sort'] } : {}),
    ...(filters.length > 0 ? { filters } : {}),
  };
}

export function sortOf(search: ListSearch, config: ListConfig): { readonly field: string; readonly descending: boolean } {
  if (!search.sort) return { field: config.sort, descending: config.descending };
  return search.sort.startsWith('-') ? { field: search.sort.slice(1), descending: true } : { field: search.sort, descending: false };
}

/** A header click: ascending first, then the other way round. */
export function toggleSort(search: ListSearch, config: ListConfig, field: string): ListSearch {
  const now = sortOf(search, config);
  return { ...search, sort: now.field === field && !now.descending ? `-${field}` : field };
}

export function operatorsFor(field: FieldMeta): readonly Operator[] {
  switch (field.type) {
    case 'text':
    case 'long_text':
      return ['like', '=', 'is null'];
    case 'set':
      return ['contains'];
    case 'boolean':
      return ['='];
    case 'enumeration':
    case 'reference':
      return ['=', '!=', 'is null'];
    default:
      return ['>=', '<=', '=', 'is null'];
  }
}

export function applyFilters(query: QueryBuilder<Row>, collection: CollectionMeta, filters: readonly Filter[]): QueryBuilder<Row> {
  return filters.reduce((result, { field, operator, value }) => {
    if (!collection.fields.some((each) => each.name === field)) return result;
    if (operator === 'like') return result.where(field, 'like', likePattern(String(value ?? '')));
    return result.where(field, operator, value);
  }, query);
}

/** References among the columns are brought along, so that their names can be shown. */
export function includesOf(collection: CollectionMeta, columns: readonly string[]): readonly string[] {
  return columns.flatMap((name) => {
    const field = collection.fields.find((each) => each.name === name);
    return field?.type === 'reference' ? [includeNameOf(field)] : [];
  });
}

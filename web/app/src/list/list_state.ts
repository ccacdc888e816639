// The state of a list as its URL says it: sort and filters. A colleague who opens the link sees the same.
import { type CollectionMeta, type FieldMeta, type JsValue, type Operator, QueryBuilder, type Row, schema, ValueError } from '@syncline/client';
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

/** Whatever stands in the address bar; what makes no sense for this collection is dropped, never thrown. */
export function parseListSearch(search: Record<string, unknown>, collection: CollectionMeta): ListSearch {
  const filters = (Array.isArray(search['filters']) ? search['filters'] : []).filter(
    (each: unknown): each is Filter =>
      typeof each === 'object' && each !== null && typeof (each as Filter).field === 'string' &&
      OPERATORS.includes((each as Filter).operator) && isJsValue((each as Filter).value) && makesSense(collection, each as Filter),
  );
  const sort = search['sort'];
  const sorts = typeof sort === 'string' && collection.fields.some((field) => field.name === sort.replace(/^-/, ''));
  return { ...(sorts ? { sort } : {}), ...(filters.length > 0 ? { filters } : {}) };
}

const EVERYTHING = { conditions: [], order: [], limit: 0, includes: [], aggregate: null };

/** A field of this collection, an operator of that field, and a value that can be written as that field's (or a list of them). */
function makesSense(collection: CollectionMeta, filter: Filter): boolean {
  const field = collection.fields.find((each) => each.name === filter.field);
  if (!field || !(operatorsFor(field).includes(filter.operator) || UNOFFERED[field.type]?.includes(filter.operator))) return false;
  if (filter.operator === 'is null') return typeof filter.value === 'boolean';
  if (filter.value === null) return false;
  try {
    // The encoder knows every type; what it refuses here it would refuse, too late, when the list subscribes.
    return applyFilters(new QueryBuilder<Row>(schema, collection, EVERYTHING), collection, [filter]).bytes.length > 0;
  } catch (error) {
    if (error instanceof ValueError || error instanceof RangeError) return false;
    throw error;
  }
}

interface Sort {
  readonly field: string;
  readonly descending: boolean;
}

export function sortOf(search: ListSearch, config: ListConfig): Sort {
  if (!search.sort) return { field: config.sort, descending: config.descending };
  return search.sort.startsWith('-') ? { field: search.sort.slice(1), descending: true } : { field: search.sort, descending: false };
}

/** What the rows are ordered by, the weightiest first: nobody chose an order, so what matters more may come first. */
export function orderOf(search: ListSearch, config: ListConfig): readonly Sort[] {
  const grouped = !search.sort && config.firstBy !== undefined ? [{ field: config.firstBy, descending: false }] : [];
  return [...grouped, sortOf(search, config)];
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

/** Nobody is offered these, but a link by hand may have them. */
const UNOFFERED: Readonly<Partial<Record<FieldMeta['type'], readonly Operator[]>>> = {
  text: ['!=', 'in'], enumeration: ['in'], reference: ['in'],
  integer: ['<', '>', '!=', 'in'], decimal: ['<', '>', '!=', 'in'], timestamp: ['<', '>', '!=', 'in'], date: ['<', '>', '!=', 'in'],
};

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

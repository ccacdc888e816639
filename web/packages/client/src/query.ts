// Queries as immutable values: db.leads.where('status', '=', 'qualified').orderBy('value', 'desc').limit(50). A query is
// data until somebody watches it; equal queries have equal keys and are one live query.
import { ArchiveWriter } from './archive.ts';
import type { CollectionMeta, FieldMeta, SchemaMeta } from './schema_types.ts';
import { type JsValue, ValueError, writeValue } from './value.ts';

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'like' | 'is null' | 'contains';

const OPERATOR_CODES: Record<Operator, number> = {
  '=': 0, '!=': 1, '<': 2, '<=': 3, '>': 4, '>=': 5, in: 6, like: 7, 'is null': 8, contains: 9,
};
const KIND = { always: 0, never: 1, compare: 2, allOf: 3, anyOf: 4, not: 5 } as const;
const NO_FIELD = 0xffff;

export type Condition =
  | { readonly kind: 'compare'; readonly field: string; readonly operator: Operator; readonly value: JsValue }
  | { readonly kind: 'all' | 'any'; readonly children: readonly Condition[] }
  | { readonly kind: 'not'; readonly children: readonly Condition[] };

export interface AggregateSpec {
  readonly groupBy: string | null;
  readonly terms: readonly { readonly aggregator: 'count' | 'sum'; readonly field: string | null }[];
}

export interface QuerySpec {
  readonly conditions: readonly Condition[];
  readonly order: readonly { readonly field: string; readonly descending: boolean }[];
  readonly limit: number;
  /** Names of references without "Id": "company". */
  readonly includes: readonly string[];
  readonly aggregate: AggregateSpec | null;
}

const EMPTY: QuerySpec = { conditions: [], order: [], limit: 0, includes: [], aggregate: null };

/** One row of an aggregate query. `key` is the value of the grouping field (null without one). */
export interface AggregateRow {
  readonly key: JsValue;
  readonly rows: number;
  readonly count: number;
  readonly sums: Readonly<Record<string, number>>;
}

export function fieldOf(collection: CollectionMeta, name: string): FieldMeta {
  const found = collection.fields.find((field) => field.name === name);
  if (!found) throw new ValueError(name, `${collection.name} has no field "${name}"`);
  return found;
}

/** The reference field behind an include: "company" → companyId. */
export function includeField(collection: CollectionMeta, name: string): FieldMeta {
  const field = fieldOf(collection, `${name}Id`);
  if (field.target === null) throw new ValueError(name, `"${name}" is not a reference of ${collection.name}`);
  return field;
}

/** What `watch` takes: a query whose rows are T. */
export class Query<T> {
  /** Only for the type system: what a row is. */
  declare readonly row: T;

  constructor(
    readonly schema: SchemaMeta,
    readonly collection: CollectionMeta,
    readonly spec: QuerySpec,
  ) {}

  private encoded: Uint8Array | undefined;
  private encodedKey: string | undefined;

  /** The archive bytes of query::Query. */
  get bytes(): Uint8Array {
    this.encoded ??= encodeQuery(this.collection, this.spec);
    return this.encoded;
  }
  /** Equal for equal queries within a page. */
  get key(): string {
    this.encodedKey ??= `${this.collection.name} ${JSON.stringify(this.spec)}`;
    return this.encodedKey;
  }
}

type FieldName<T> = keyof T & string;

export class QueryBuilder<T extends object> extends Query<T> {
  private with(change: Partial<QuerySpec>): QueryBuilder<T> {
    return new QueryBuilder<T>(this.schema, this.collection, { ...this.spec, ...change });
  }
  private and(condition: Condition): QueryBuilder<T> {
    return this.with({ conditions: [...this.spec.conditions, condition] });
  }

  /** Rows for which all conditions hold. `is null` takes true or false, `in` a list. */
  where(field: FieldName<T>, operator: Operator, value: JsValue): QueryBuilder<T> {
    return this.and({ kind: 'compare', field, operator, value });
  }
  /** At least one of these conditions holds. */
  any(...alternatives: ((query: QueryBuilder<T>) => QueryBuilder<T>)[]): QueryBuilder<T> {
    const empty = new QueryBuilder<T>(this.schema, this.collection, EMPTY);
    const children = alternatives.map((make): Condition => ({ kind: 'all', children: make(empty).spec.conditions }));
    return this.and({ kind: 'any', children });
  }
  orderBy(field: FieldName<T>, direction: 'asc' | 'desc' = 'asc'): QueryBuilder<T> {
    return this.with({ order: [...this.spec.order, { field, descending: direction === 'desc' }] });
  }
  limit(rows: number): QueryBuilder<T> {
    return this.with({ limit: rows });
  }
  /** Brings the referenced record along as `row.company`. */
  include(name: string): QueryBuilder<T> {
    includeField(this.collection, name);
    return this.with({ includes: [...this.spec.includes, name] });
  }
  /** One row per distinct value, in the order of the values; follow with count() and sum(). */
  groupBy(field: FieldName<T>): AggregateBuilder {
    return new AggregateBuilder(this.schema, this.collection, {
      ...this.spec, order: [], limit: 0, includes: [], aggregate: { groupBy: field, terms: [] },
    });
  }
  count(): AggregateBuilder {
    return this.aggregate().count();
  }
  sum(field: FieldName<T>): AggregateBuilder {
    return this.aggregate().sum(field);
  }
  private aggregate(): AggregateBuilder {
    return new AggregateBuilder(this.schema, this.collection, {
      ...this.spec, order: [], limit: 0, includes: [], aggregate: { groupBy: null, terms: [] },
    });
  }
}

export class AggregateBuilder extends Query<AggregateRow> {
  private term(aggregator: 'count' | 'sum', field: string | null): AggregateBuilder {
    const aggregate = this.spec.aggregate ?? { groupBy: null, terms: [] };
    return new AggregateBuilder(this.schema, this.collection, {
      ...this.spec, aggregate: { ...aggregate, terms: [...aggregate.terms, { aggregator, field }] },
    });
  }
  count(): AggregateBuilder {
    return this.term('count', null);
  }
  sum(field: string): AggregateBuilder {
    return this.term('sum', field);
  }
}

export function newQuery<T extends object>(schema: SchemaMeta, collection: CollectionMeta): QueryBuilder<T> {
  return new QueryBuilder<T>(schema, collection, EMPTY);
}

function writePredicate(out: ArchiveWriter, collection: CollectionMeta, condition: Condition): void {
  if (condition.kind === 'compare') {
    const field = fieldOf(collection, condition.field);
    if (condition.value === null && (condition.operator === '=' || condition.operator === '!=')) {
      // Three-valued logic would select nothing; whoever writes "= null" means "is null".
      const value = condition.operator === '=';
      writePredicate(out, collection, { kind: 'compare', field: field.name, operator: 'is null', value });
      return;
    }
    out.u8(KIND.compare).u16(field.id).u8(OPERATOR_CODES[condition.operator]).u8(0);
    writeOperands(out, field, condition.operator, condition.value);
    out.u32(0);
    return;
  }
  const kind = condition.kind === 'all' ? KIND.allOf : condition.kind === 'any' ? KIND.anyOf : KIND.not;
  out.u8(kind).u16(NO_FIELD).u8(0).u8(0).u32(0);
  out.list(condition.children, (child) => writePredicate(out, collection, child));
}

function writeOperands(out: ArchiveWriter, field: FieldMeta, operator: Operator, value: JsValue): void {
  if (operator === 'in') {
    if (!Array.isArray(value)) throw new ValueError(field.name, `"in" needs a list for ${field.name}`);
    out.list(value as readonly JsValue[], (item) => writeValue(out, field, item));
  } else if (operator === 'is null') {
    out.u32(1).u8(1).bool(value !== false);
  } else {
    out.u32(1);
    writeValue(out, field, value, operator === 'like' || operator === 'contains');
  }
}

function encodeQuery(collection: CollectionMeta, spec: QuerySpec): Uint8Array {
  const out = new ArchiveWriter();
  out.u16(collection.id);
  if (spec.conditions.length === 0) {
    out.u8(KIND.always).u16(NO_FIELD).u8(0).u8(0).u32(0).u32(0);
  } else {
    writePredicate(out, collection, { kind: 'all', children: spec.conditions });
  }
  out.list(spec.order, (term) => out.u16(fieldOf(collection, term.field).id).bool(term.descending));
  out.u32(spec.limit);
  out.bool(false);
  out.list(spec.includes, (name) => out.u16(includeField(collection, name).id));
  out.bool(spec.aggregate !== null);
  if (spec.aggregate) {
    const { groupBy, terms } = spec.aggregate;
    out.u16(groupBy === null ? NO_FIELD : fieldOf(collection, groupBy).id);
    out.list(terms, (term) => {
      out.u8(term.aggregator === 'count' ? 0 : 1);
      out.u16(term.field === null ? NO_FIELD : fieldOf(collection, term.field).id);
    });
  }
  return out.finish();
}

// Queries as immutable values: db.leads.where('status', '=', 'qualified').orderBy('value', 'desc').limit(50). A query is
// data until somebody watches it; equal queries have equal keys and are one live query.
import { ArchiveWriter } from './archive.ts';
import type { Row } from './records.ts';
import type { CollectionMeta, FieldMeta, SchemaMeta } from './schema_types.ts';
import { type JsValue, ValueError, writeValue } from './value.ts';

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'like' | 'is null' | 'contains';

const OPERATOR_CODES: Record<Operator, number> = {
  '=': 0, '!=': 1, '<': 2, '<=': 3, '>': 4, '>=': 5, in: 6, like: 7, 'is null': 8, contains: 9,
};
const KIND = { always: 0, never: 1, compare: 2, allOf: 3, anyOf: 4, not: 5, exists: 6 } as const;
const NO_FIELD = 0xffff;
const NO_COLLECTION = 0xffff;

export type Condition =
  | { readonly kind: 'compare'; readonly field: string; readonly operator: Operator; readonly value: JsValue }
  | { readonly kind: 'all' | 'any'; readonly children: readonly Condition[] }
  | { readonly kind: 'not'; readonly children: readonly Condition[] }
  /** `relation`: "company" (this row's reference) or "deals.companyId" (rows that name this one). */
  | { readonly kind: 'exists'; readonly relation: string; readonly children: readonly Condition[] };

export type Aggregator = 'count' | 'sum' | 'countDistinct' | 'avg' | 'min' | 'max';
export type Period = 'none' | 'day' | 'week' | 'month' | 'quarter' | 'year';
/** The index is the code on the wire. */
const AGGREGATORS: readonly Aggregator[] = ['count', 'sum', 'countDistinct', 'avg', 'min', 'max'];
const PERIODS: readonly Period[] = ['none', 'day', 'week', 'month', 'quarter', 'year'];

export interface GroupSpec {
  /** "status", or "company.country": a field of the row that a reference names. */
  readonly field: string;
  readonly period: Period;
  /** Where a day begins: "Europe/Berlin"; '' = UTC. */
  readonly zone: string;
}

/** Rows with from ≤ field < to count; those with previous ≤ field < from are counted beside them. */
export interface TrendSpec {
  readonly field: string;
  readonly previous: JsValue;
  readonly from: JsValue;
  readonly to: JsValue;
}

export interface AggregateSpec {
  readonly groupBy: readonly GroupSpec[];
  readonly terms: readonly { readonly aggregator: Aggregator; readonly field: string | null }[];
  readonly trend: TrendSpec | null;
}

export interface OrderSpec {
  readonly field: string;
  readonly descending: boolean;
  /** Where rows without a value go; natural: first ascending, last descending. */
  readonly nulls: 'natural' | 'first' | 'last';
}

export interface IncludeSpec {
  /** The property of the row. */
  readonly name: string;
  /** "company" (one row or null), "deals.companyId" (a list). */
  readonly relation: string;
  readonly conditions: readonly Condition[];
  readonly order: readonly OrderSpec[];
  readonly limit: number;
  readonly includes: readonly IncludeSpec[];
}

export interface QuerySpec {
  readonly conditions: readonly Condition[];
  readonly order: readonly OrderSpec[];
  readonly limit: number;
  readonly includes: readonly IncludeSpec[];
  readonly aggregate: AggregateSpec | null;
}

const EMPTY: QuerySpec = { conditions: [], order: [], limit: 0, includes: [], aggregate: null };

/** What was asked of a group's rows, by field. Averages, least and greatest values of nothing are null. */
export interface Figures {
  readonly rows: number;
  readonly count: number;
  readonly sums: Readonly<Record<string, number>>;
  readonly averages: Readonly<Record<string, number | null>>;
  readonly distinct: Readonly<Record<string, number>>;
  readonly mins: Readonly<Record<string, JsValue>>;
  readonly maxs: Readonly<Record<string, JsValue>>;
}

/** One row of an aggregate query. `key` is the value of the first grouping field (null without one); a period is its first day. */
export interface AggregateRow extends Figures {
  readonly key: JsValue;
  readonly keys: readonly JsValue[];
  /** Of the earlier period, where the query has a trend. */
  readonly previous: Figures | null;
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

/** Two collections related by a reference field of one of them. */
export interface Relation {
  /** Rows of this collection name the row; null: the row names one of `other`. */
  readonly from: CollectionMeta | null;
  readonly field: FieldMeta;
  readonly other: CollectionMeta;
}

function collectionOf(schema: SchemaMeta, name: string): CollectionMeta {
  const found = schema.collections.filter((each) => each.key === name || each.name === name || `${each.module}.${each.name}` === name);
  if (found.length !== 1) throw new ValueError(name, `there is no collection "${name}"`);
  return found[0]!;
}

/** "company": the row that companyId names. "deals.companyId": the rows of deals whose companyId names this one. */
export function relationOf(schema: SchemaMeta, collection: CollectionMeta, name: string): Relation {
  const dot = name.lastIndexOf('.');
  if (dot < 0) {
    const field = includeField(collection, name);
    return { from: null, field, other: collectionOf(schema, field.target!) };
  }
  const from = collectionOf(schema, name.slice(0, dot));
  const field = fieldOf(from, name.slice(dot + 1));
  if (field.target !== collection.name) throw new ValueError(name, `${name} does not refer to ${collection.name}`);
  return { from, field, other: from };
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
    this.encoded ??= encodeQuery(this.schema, this.collection, this.spec);
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
  /**
   * Some related row satisfies the conditions: `whereExists('company', …)` for the row that companyId names,
   * `whereExists('deals.companyId', …)` for those that name this one.
   */
  whereExists(relation: string, make: (query: QueryBuilder<Row>) => QueryBuilder<Row> = (query) => query): QueryBuilder<T> {
    return this.and(this.existsOf(relation, make));
  }
  whereNotExists(relation: string, make: (query: QueryBuilder<Row>) => QueryBuilder<Row> = (query) => query): QueryBuilder<T> {
    return this.and({ kind: 'not', children: [this.existsOf(relation, make)] });
  }
  private existsOf(relation: string, make: (query: QueryBuilder<Row>) => QueryBuilder<Row>): Condition {
    const { other } = relationOf(this.schema, this.collection, relation);
    const { spec } = make(newQuery<Row>(this.schema, other));
    return { kind: 'exists', relation, children: [{ kind: 'all', children: spec.conditions }] };
  }
  /** `nulls`: where rows without a value go; otherwise first ascending and last descending. */
  orderBy(field: FieldName<T>, direction: 'asc' | 'desc' = 'asc', nulls: OrderSpec['nulls'] = 'natural'): QueryBuilder<T> {
    return this.with({ order: [...this.spec.order, { field, descending: direction === 'desc', nulls }] });
  }
  limit(rows: number): QueryBuilder<T> {
    return this.with({ limit: rows });
  }
  /**
   * Brings related rows along: `include('company')` as `row.company`, one row or null; `include('deals.companyId', …)` as the
   * list `row.deals`, with the order and the limit that `make` gives it for each row. `make` may include others in turn.
   */
  include(
    relation: string, make: (query: QueryBuilder<Row>) => QueryBuilder<Row> = (query) => query, name = relation.split('.')[0]!,
  ): QueryBuilder<T> {
    const { other } = relationOf(this.schema, this.collection, relation);
    const { conditions, order, limit, includes } = make(newQuery<Row>(this.schema, other)).spec;
    return this.with({ includes: [...this.spec.includes, { name, relation, conditions, order, limit, includes }] });
  }
  /** One row per distinct value, in the order of the values; follow with count(), sum() and the like. */
  groupBy(field: FieldName<T> | `${string}.${string}`, options: { period?: Period; zone?: string } = {}): AggregateBuilder {
    return this.aggregate().groupBy(field, options);
  }
  count(): AggregateBuilder {
    return this.aggregate().count();
  }
  sum(field: FieldName<T>): AggregateBuilder {
    return this.aggregate().sum(field);
  }
  countDistinct(field: FieldName<T>): AggregateBuilder {
    return this.aggregate().countDistinct(field);
  }
  avg(field: FieldName<T>): AggregateBuilder {
    return this.aggregate().avg(field);
  }
  min(field: FieldName<T>): AggregateBuilder {
    return this.aggregate().min(field);
  }
  max(field: FieldName<T>): AggregateBuilder {
    return this.aggregate().max(field);
  }
  private aggregate(): AggregateBuilder {
    return new AggregateBuilder(this.schema, this.collection, {
      ...this.spec, order: [], limit: 0, includes: [], aggregate: { groupBy: [], terms: [], trend: null },
    });
  }
}

export class AggregateBuilder extends Query<AggregateRow> {
  private with(change: (aggregate: AggregateSpec) => Partial<AggregateSpec>): AggregateBuilder {
    const aggregate = this.spec.aggregate!;
    return new AggregateBuilder(this.schema, this.collection, { ...this.spec, aggregate: { ...aggregate, ...change(aggregate) } });
  }
  private term(aggregator: Aggregator, field: string | null): AggregateBuilder {
    return this.with(({ terms }) => ({ terms: [...terms, { aggregator, field }] }));
  }
  /** One more key. */
  groupBy(field: string, { period = 'none', zone = '' }: { period?: Period; zone?: string } = {}): AggregateBuilder {
    return this.with(({ groupBy }) => ({ groupBy: [...groupBy, { field, period, zone }] }));
  }
  /** Figures of the rows with from ≤ field < to, beside those of previous ≤ field < from. */
  trend(field: string, previous: JsValue, from: JsValue, to: JsValue): AggregateBuilder {
    return this.with(() => ({ trend: { field, previous, from, to } }));
  }
  count(): AggregateBuilder {
    return this.term('count', null);
  }
  sum(field: string): AggregateBuilder {
    return this.term('sum', field);
  }
  countDistinct(field: string): AggregateBuilder {
    return this.term('countDistinct', field);
  }
  avg(field: string): AggregateBuilder {
    return this.term('avg', field);
  }
  min(field: string): AggregateBuilder {
    return this.term('min', field);
  }
  max(field: string): AggregateBuilder {
    return this.term('max', field);
  }
}

/** The field of a group key, and the reference through which it is reached. */
export function groupField(schema: SchemaMeta, collection: CollectionMeta, key: GroupSpec): { via: FieldMeta | null; field: FieldMeta } {
  const dot = key.field.indexOf('.');
  if (dot < 0) return { via: null, field: fieldOf(collection, key.field) };
  const { field: via, other } = relationOf(schema, collection, key.field.slice(0, dot));
  return { via, field: fieldOf(other, key.field.slice(dot + 1)) };
}

function writeAggregate(out: ArchiveWriter, schema: SchemaMeta, collection: CollectionMeta, aggregate: AggregateSpec): void {
  out.list(aggregate.groupBy, (key) => {
    const { via, field } = groupField(schema, collection, key);
    out.u16(field.id).u16(via === null ? NO_FIELD : via.id).u8(PERIODS.indexOf(key.period)).text(key.zone);
  });
  out.list(aggregate.terms, (term) => {
    out.u8(AGGREGATORS.indexOf(term.aggregator));
    out.u16(term.field === null ? NO_FIELD : fieldOf(collection, term.field).id);
  });
  out.bool(aggregate.trend !== null);
  if (aggregate.trend) {
    const field = fieldOf(collection, aggregate.trend.field);
    out.u16(field.id);
    for (const value of [aggregate.trend.previous, aggregate.trend.from, aggregate.trend.to]) writeValue(out, field, value);
  }
}

export function newQuery<T extends object>(schema: SchemaMeta, collection: CollectionMeta): QueryBuilder<T> {
  return new QueryBuilder<T>(schema, collection, EMPTY);
}

function writePredicate(out: ArchiveWriter, schema: SchemaMeta, collection: CollectionMeta, condition: Condition): void {
  if (condition.kind === 'compare') {
    const field = fieldOf(collection, condition.field);
    if (condition.value === null && (condition.operator === '=' || condition.operator === '!=')) {
      // Three-valued logic would select nothing; whoever writes "= null" means "is null".
      const value = condition.operator === '=';
      writePredicate(out, schema, collection, { kind: 'compare', field: field.name, operator: 'is null', value });
      return;
    }
    out.u8(KIND.compare).u16(field.id).u8(OPERATOR_CODES[condition.operator]).u8(0);
    writeOperands(out, field, condition.operator, condition.value);
    out.u32(0).u16(NO_COLLECTION);
    return;
  }
  if (condition.kind === 'exists') {
    const { from, field, other } = relationOf(schema, collection, condition.relation);
    out.u8(KIND.exists).u16(field.id).u8(0).u8(0).u32(0);
    out.list(condition.children, (child) => writePredicate(out, schema, other, child));
    out.u16(from === null ? NO_COLLECTION : from.id);
    return;
  }
  const kind = condition.kind === 'all' ? KIND.allOf : condition.kind === 'any' ? KIND.anyOf : KIND.not;
  out.u8(kind).u16(NO_FIELD).u8(0).u8(0).u32(0);
  out.list(condition.children, (child) => writePredicate(out, schema, collection, child));
  out.u16(NO_COLLECTION);
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

function writeConditions(out: ArchiveWriter, schema: SchemaMeta, collection: CollectionMeta, conditions: readonly Condition[]): void {
  if (conditions.length === 0) out.u8(KIND.always).u16(NO_FIELD).u8(0).u8(0).u32(0).u32(0).u16(NO_COLLECTION);
  else writePredicate(out, schema, collection, { kind: 'all', children: conditions });
}

function writeOrder(out: ArchiveWriter, collection: CollectionMeta, order: readonly OrderSpec[]): void {
  out.list(order, (term) => {
    out.u16(fieldOf(collection, term.field).id).bool(term.descending).u8(['natural', 'first', 'last'].indexOf(term.nulls));
  });
}

function writeIncludes(out: ArchiveWriter, schema: SchemaMeta, collection: CollectionMeta, includes: readonly IncludeSpec[]): void {
  out.list(includes, (include) => {
    const { from, field, other } = relationOf(schema, collection, include.relation);
    out.u16(field.id).u16(from === null ? NO_COLLECTION : from.id);
    writeConditions(out, schema, other, include.conditions);
    writeOrder(out, other, include.order);
    out.u32(include.limit);
    writeIncludes(out, schema, other, include.includes);
  });
}

function encodeQuery(schema: SchemaMeta, collection: CollectionMeta, spec: QuerySpec): Uint8Array {
  const out = new ArchiveWriter();
  out.u16(collection.id);
  writeConditions(out, schema, collection, spec.conditions);
  writeOrder(out, collection, spec.order);
  out.u32(spec.limit);
  out.bool(false);
  writeIncludes(out, schema, collection, spec.includes);
  out.bool(spec.aggregate !== null);
  if (spec.aggregate) writeAggregate(out, schema, collection, spec.aggregate);
  return out.finish();
}

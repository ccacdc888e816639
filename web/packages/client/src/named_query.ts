// What generated/crm_queries.ts is written with: a query as data becomes one that can be watched.
import { type Collections, schema } from './generated/schema.ts';
import { AggregateBuilder, QueryBuilder, type QuerySpec } from './query.ts';
import type { CollectionMeta } from './schema_types.ts';

function metaOf(key: keyof Collections): CollectionMeta {
  return schema.collections.find((each) => each.key === key)!;
}

export function figuresOf(key: keyof Collections, spec: QuerySpec): AggregateBuilder {
  return new AggregateBuilder(schema, metaOf(key), spec);
}

export function rowsOf<K extends keyof Collections>(key: K, spec: QuerySpec): QueryBuilder<Collections[K]['row']> {
  return new QueryBuilder(schema, metaOf(key), spec);
}

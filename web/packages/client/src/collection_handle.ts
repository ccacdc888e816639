// What an application does with one collection: queries, changes, drafts.
import type { Database, Fields, MutateOptions } from './database.ts';
import type { MutationHandle } from './mutation_calls.ts';
import type { Draft, SeenRow } from './draft.ts';
import { schema } from './generated/schema.ts';
import { newQuery, type QueryBuilder } from './query.ts';
import type { Row } from './records.ts';
import type { CollectionMeta } from './schema_types.ts';
import type { JsValue } from './value.ts';

export class CollectionHandle<Shape extends { row: object; insert: object; patch: object }> {
  constructor(private readonly database: Database, readonly meta: CollectionMeta) {}

  private get query(): QueryBuilder<Shape['row']> {
    return newQuery<Shape['row']>(schema, this.meta);
  }
  /** All records. */
  all(): QueryBuilder<Shape['row']> {
    return this.query;
  }
  where(...condition: Parameters<QueryBuilder<Shape['row']>['where']>): QueryBuilder<Shape['row']> {
    return this.query.where(...condition);
  }
  orderBy(...order: Parameters<QueryBuilder<Shape['row']>['orderBy']>): QueryBuilder<Shape['row']> {
    return this.query.orderBy(...order);
  }
  /** The one record with this id, as a query. */
  get(id: string): QueryBuilder<Shape['row']> {
    return this.query.where('id' as keyof Shape['row'] & string, '=', id);
  }
  insert(fields: Shape['insert']): MutationHandle {
    return this.database.mutate(`${this.meta.module}.${this.meta.name}.insert`, fields as Fields);
  }
  update(id: string, patch: Shape['patch'], options: MutateOptions = {}): MutationHandle {
    return this.database.mutate(`${this.meta.module}.${this.meta.name}.update`, { ...(patch as Fields), id }, options);
  }
  /**
   * A draft of the record, given as its id or as the row that is shown: what its author sees, in that case. Close it when nobody
   * edits it any more. REQUIRES: a live query or preload holds the record.
   */
  edit(record: string | SeenRow): Draft {
    return this.database.edit(this.meta.key, record);
  }
  /** Brings a deleted record back as it was, with these changes; needs the right to create one. */
  restore(id: string, patch: Shape['patch'] = {}, options: MutateOptions = {}): MutationHandle {
    return this.database.mutate(`${this.meta.module}.${this.meta.name}.restore`, { ...(patch as Fields), id }, options);
  }
  remove(id: string, options: MutateOptions = {}): MutationHandle {
    return this.database.mutate(`${this.meta.module}.${this.meta.name}.remove`, { id }, options);
  }
}

/** Rows and fields of a collection that is only known at run time. */
export interface AnyShape {
  row: Row;
  insert: Record<string, JsValue | undefined>;
  patch: Record<string, JsValue | undefined>;
}

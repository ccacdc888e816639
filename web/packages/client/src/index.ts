// The public face of the SDK.
export type { ConnectionInfo, QueryStatus } from './host/messages.ts';
export type { BaseVersion, Conflict, EngineError, FieldConflict, MutationId, Outcome } from './host/wire.ts';
export { newId } from './archive.ts';
export {
  type AnyShape, type CollectionHandle, type CollectionHandles, connect, type ConnectOptions, Database, type LocalAnswer, type MutateOptions,
  type MutationHandle, MutationRefused, type Settled, type SynclineDatabase, type WatchOptions,
} from './database.ts';
export { LiveQuery, type LiveResult } from './live_query.ts';
export type { RowWindow } from './host/messages.ts';
export type { Transport, TransportEvents, TransportSocket } from './host/transport.ts';
export { type AggregateRow, AggregateBuilder, type Operator, Query, QueryBuilder } from './query.ts';
export type { Row } from './records.ts';
export type { CollectionMeta, FieldMeta, FieldType, MutatorMeta, SchemaMeta } from './schema_types.ts';
export { login, type Problem, RequestError, restoreSession, Session, type SessionUser } from './session.ts';
export { type JsValue, ValueError } from './value.ts';
export { schema } from './generated/schema.ts';
export type * from './generated/schema.ts';

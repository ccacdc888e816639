// The public face of the SDK.
export { type Problem, RequestError } from './auth_call.ts';
export type { HostKind } from './host/connect_host.ts';
export { Draft, type SeenRow } from './draft.ts';
export type { ConnectionInfo, DraftField, DraftState, EndReason, QueryStatus } from './host/messages.ts';
export type { BaseVersion, Conflict, EngineError, FieldConflict, MutationId, NamedChange, Outcome, RefusedMutation } from './host/wire.ts';
export { newId } from './archive.ts';
export type { AnyShape, CollectionHandle } from './collection_handle.ts';
export {
  type CollectionHandles, connect, type ConnectOptions, Database, type MutateOptions, type SynclineDatabase, type WatchOptions,
} from './database.ts';
export type { Explanation, RoutedBy } from './explanation.ts';
export { LiveQuery, type LiveResult } from './live_query.ts';
export { type LocalAnswer, type MutationHandle, MutationRefused, type Settled } from './mutation_calls.ts';
export type { RowWindow } from './host/messages.ts';
export type { Carrier, Transport, TransportEvents, TransportSocket } from './host/transport.ts';
export { type AggregateRow, AggregateBuilder, type Figures, type Operator, type Period, Query, QueryBuilder } from './query.ts';
export { type Row, valueOf } from './records.ts';
export type { CollectionMeta, FieldMeta, FieldType, MutatorMeta, Right, SchemaMeta } from './schema_types.ts';
export { login, restoreSession, Session, type SessionUser } from './session.ts';
export { payOwedSignOut, signOutIsOwed } from './sign_out.ts';
export { type JsValue, ValueError } from './value.ts';
export { schema } from './generated/schema.ts';
export type * from './generated/schema.ts';

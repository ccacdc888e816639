// Structs of the engine's archive that cross the boundary: errors, verdicts, mutations (shared/syncline/model/*.hpp).
import { type ArchiveReader, ArchiveWriter } from '../archive.ts';
import type { CollectionMeta, FieldMeta, MutatorMeta, SchemaMeta } from '../schema_types.ts';
import { type JsValue, readValue, writeValue } from '../value.ts';

export interface EngineError {
  readonly code: string;
  readonly message: string;
  readonly fields: readonly { readonly field: string; readonly code: string; readonly message: string }[];
}
export interface MutationId {
  readonly client: string;
  readonly sequence: number;
}
export const idText = (id: MutationId): string => `${id.client}:${id.sequence}`;
export interface FieldConflict {
  readonly field: string;
  readonly base: JsValue;
  readonly mine: JsValue;
  readonly theirs: JsValue;
  readonly by: string;
  readonly at: number;
}
export interface Conflict {
  readonly collection: string;
  readonly record: string;
  readonly deleted: boolean;
  readonly fields: readonly FieldConflict[];
}
export type Outcome = 'applied' | 'merged' | 'conflict' | 'rejected';
export interface Verdict {
  readonly outcome: Outcome;
  readonly version: number;
  readonly error: EngineError | null;
  readonly conflicts: readonly Conflict[];
  readonly result: Readonly<Record<string, JsValue>>;
}
/** The version at which the author saw a record, or one field of it; with collection '': one of his mutations that he took for done. */
export interface BaseVersion {
  readonly collection: string;
  readonly record: string;
  readonly field: string | null;
  readonly version: number;
}
/** By argument: what is done with its value (model::WriteKind). */
export type WriteKinds = Readonly<Record<string, number>>;
/** What a mutation asks for. */
export interface NamedChange {
  readonly name: string;
  readonly args: Readonly<Record<string, JsValue>>;
  /** Of the arguments that are not simply assigned. */
  readonly kinds?: WriteKinds;
}
interface AskedChange extends NamedChange {
  readonly bases: readonly BaseVersion[];
}
/** A mutation as the outbox keeps it: readable by every later core (SEMANTICS 33). */
export interface StoredMutation extends AskedChange {
  readonly client: string;
  readonly sequence: number;
  readonly createdAt: number;
  /** Which calls of which tabs asked for it, where a tab may have to ask again (tab_memory.ts). */
  readonly origins?: readonly string[];
}
/** A mutation that the server did not accept: kept until its author has decided what becomes of it. */
export interface RefusedMutation extends StoredMutation {
  readonly verdict: Verdict;
}

const OUTCOMES: readonly Outcome[] = ['applied', 'merged', 'conflict', 'rejected'];
const NO_COLLECTION = 0xffff;
const NO_FIELD = 0xffff;
const ID_FIELD = 0;
const ASSIGN = 0;

/** Codes by number come from the schema; before it is known (the loader) they read as "internal". */
let codeNames: readonly string[] = [];
export function setErrorCodes(names: readonly string[]): void {
  codeNames = names;
}
const codeName = (code: number): string => codeNames[code] ?? 'internal';

export function readError(input: ArchiveReader): EngineError {
  const code = codeName(input.u16());
  const message = input.text();
  const fields = input.list(() => ({ field: input.text(), code: codeName(input.u16()), message: input.text() }));
  return { code, message, fields };
}
/** The code ok, no message and no fields. */
const NO_ERROR_BYTES = 2 + 4 + 4;
/** null when the error's code is ok. */
export function readOptionalError(input: ArchiveReader): EngineError | null {
  if (input.skipZeros(NO_ERROR_BYTES)) return null;
  const error = readError(input);
  return error.code === 'ok' ? null : error;
}
export function readMutationId(input: ArchiveReader): MutationId {
  return { client: input.id(), sequence: input.u64() };
}
export function readResult(input: ArchiveReader): Record<string, JsValue> {
  return Object.fromEntries(input.list((): [string, JsValue] => [input.text(), readValue(input, null)]));
}

const collectionById = (schema: SchemaMeta, id: number): CollectionMeta | undefined =>
  schema.collections.find((collection) => collection.id === id);
const fieldById = (collection: CollectionMeta | undefined, id: number): FieldMeta | null =>
  collection?.fields.find((field) => field.id === id) ?? null;

export function readVerdict(schema: SchemaMeta, input: ArchiveReader): Verdict {
  input.u64();
  const outcome = OUTCOMES[input.u8()] ?? 'rejected';
  const version = input.u64();
  const error = readOptionalError(input);
  const conflicts = input.list((): Conflict => {
    const collection = collectionById(schema, input.u16());
    const record = input.id();
    const deleted = input.bool();
    const fields = input.list((): FieldConflict => {
      const field = fieldById(collection, input.u16());
      return {
        field: field?.name ?? '',
        base: readValue(input, field), mine: readValue(input, field), theirs: readValue(input, field),
        by: input.id(), at: input.i64(),
      };
    });
    return { collection: collection?.name ?? '', record, deleted, fields };
  });
  return { outcome, version, error, conflicts, result: readResult(input) };
}

const mutatorsByName = new WeakMap<SchemaMeta, ReadonlyMap<string, MutatorMeta>>();

export function mutatorOf(schema: SchemaMeta, name: string): MutatorMeta {
  let byName = mutatorsByName.get(schema);
  if (!byName) mutatorsByName.set(schema, (byName = new Map(schema.mutators.map((mutator) => [mutator.name, mutator]))));
  const found = byName.get(name);
  if (!found) throw new RangeError(`there is no mutator "${name}"`);
  return found;
}

/** The one that every collection has. */
export const isInsert = ({ name, collection }: MutatorMeta): boolean => name.split('.').slice(1).join('.') === `${collection}.insert`;

function argumentField(mutator: MutatorMeta, name: string): FieldMeta {
  const found = mutator.arguments.find((field) => field.name === name);
  if (!found) throw new RangeError(`${mutator.name} takes no argument "${name}"`);
  return found;
}

/** Arguments: (u16 field, u8 kind, Value)[]. */
export function writeArguments(
  out: ArchiveWriter, mutator: MutatorMeta, args: Readonly<Record<string, JsValue | undefined>>, kinds: WriteKinds = {},
): void {
  const given = Object.entries(args).filter(([, value]) => value !== undefined) as [string, JsValue][];
  out.list(given, ([name, value]) => {
    if (name === 'id') {
      out.u16(ID_FIELD).u8(ASSIGN);
      if (value === null) out.u8(0);
      else out.u8(5).id(String(value));
      return;
    }
    const field = argumentField(mutator, name);
    out.u16(field.id).u8(kinds[name] ?? ASSIGN);
    writeValue(out, field, value);
  });
}

export function writeBases(out: ArchiveWriter, schema: SchemaMeta, bases: readonly BaseVersion[]): void {
  out.list(bases, (base) => {
    // Of a mutation that was taken for done: `record` is its client, `version` its sequence.
    if (base.collection === '') return void out.u16(NO_COLLECTION).id(base.record).u16(NO_FIELD).u64(base.version);
    const collection = schema.collections.find((each) => each.name === base.collection);
    if (!collection) throw new RangeError(`there is no collection "${base.collection}"`);
    const field = base.field === null ? null : collection.fields.find((each) => each.name === base.field);
    out.u16(collection.id).id(base.record).u16(field ? field.id : NO_FIELD).u64(base.version);
  });
}

/** Of the bytes of `mutate`, and within those of `store_mutation`. */
export function readChange(schema: SchemaMeta, input: ArchiveReader): AskedChange {
  const name = input.text();
  const mutator = mutatorOf(schema, name);
  const kinds: Record<string, number> = {};
  const args = Object.fromEntries(
    input.list((): [string, JsValue] => {
      const id = input.u16();
      const kind = input.u8();
      const field = mutator.arguments.find((each) => each.id === id) ?? null;
      const argument = id === ID_FIELD ? 'id' : (field?.name ?? '');
      if (kind !== ASSIGN) kinds[argument] = kind;
      return [argument, readValue(input, field)];
    }),
  );
  const bases = input.list((): BaseVersion => {
    const collection = collectionById(schema, input.u16());
    const record = input.id();
    const field = fieldById(collection, input.u16());
    return { collection: collection?.name ?? '', record, field: field?.name ?? null, version: input.u64() };
  });
  return { name, args, bases, ...(Object.keys(kinds).length > 0 && { kinds }) };
}

/** The bytes of `store_mutation` as JSON. */
export function readMutation(schema: SchemaMeta, input: ArchiveReader): StoredMutation {
  return { ...readMutationId(input), ...readChange(schema, input), createdAt: input.i64() };
}

/** A stored mutation as bytes of this build's schema, for command `restore`. */
export function encodeMutation(schema: SchemaMeta, stored: StoredMutation): Uint8Array {
  const out = new ArchiveWriter();
  out.id(stored.client).u64(stored.sequence).text(stored.name);
  writeArguments(out, mutatorOf(schema, stored.name), stored.args, stored.kinds);
  writeBases(out, schema, stored.bases);
  out.i64(stored.createdAt);
  return out.finish();
}

// The shape of the generated schema (generated/schema.ts): what the C++ declarations say, as data for codecs and screens.

export type FieldType =
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'text'
  | 'long_text'
  | 'enumeration'
  | 'set'
  | 'reference'
  | 'timestamp'
  | 'date';

export interface FieldMeta {
  readonly id: number;
  readonly name: string;
  readonly type: FieldType;
  /** Position in packed records; -1 for `id` and `version`, which live in the record's header. */
  readonly slot: number;
  readonly format: 'plain' | 'email' | 'url' | 'phone' | 'color' | 'currency';
  readonly required: boolean;
  readonly unique: boolean;
  readonly readOnly: boolean;
  /** Decimal digits after the point. */
  readonly scale: number;
  /** Characters of a text, items of a set; 0 = no limit. */
  readonly maxLength: number;
  /** Integer bounds; of a decimal as mantissa; null = unbounded. */
  readonly min: number | null;
  readonly max: number | null;
  readonly options: readonly string[];
  /** Collection name ("companies") a reference points to; null for other types. */
  readonly target: string | null;
  /** What becomes of a record whose reference points to a deleted one ("refused": that deletion is); null for other types. */
  readonly whenTargetDeleted: 'deleted' | 'emptied' | 'refused' | null;
  readonly policy: 'reject' | 'last_writer_wins' | 'add' | 'set_union' | 'merge_text';
  /** As REST would write it; null = none. */
  readonly defaultText: string | null;
}

/** act: domain actions on a record ("crm.lead.convert"), beside its plain update. */
export type Right = 'read' | 'create' | 'update' | 'remove' | 'act';

export interface CollectionMeta {
  readonly id: number;
  readonly module: string;
  /** Plural, as in rooms and the SDK: "lead_sources"; `key` is its camelCase form: db.leadSources. */
  readonly name: string;
  readonly key: string;
  readonly singular: string;
  readonly typeName: string;
  readonly apiPath: string;
  /** Name of the field that people call the record by. */
  readonly titleField: string;
  readonly slotCount: number;
  /** By role: what it may do here at all; which rows that holds for, the engine decides. */
  readonly rights: Readonly<Record<string, readonly Right[]>>;
  readonly fields: readonly FieldMeta[];
}

export interface MutatorMeta {
  /** "crm.lead.convert", "crm.leads.insert" */
  readonly name: string;
  /** Collection name the mutator is about. */
  readonly collection: string;
  readonly action: string;
  /** Takes the id of a record as `id`. */
  readonly onRecord: boolean;
  /** Refused (`unavailable`) while the server does not answer; all others wait in the queue then. */
  readonly onlineOnly: boolean;
  /** Arguments besides `id`. */
  readonly arguments: readonly FieldMeta[];
}

export interface SchemaMeta {
  /** Decimal text of the 64-bit hash that client and server compare. */
  readonly hash: string;
  readonly collections: readonly CollectionMeta[];
  readonly mutators: readonly MutatorMeta[];
  readonly roles: readonly string[];
  readonly errorCodes: readonly string[];
}

// The rows of an aggregate query as the core sends them (AggregateRow[] in the archive), decoded. Only groups that moved are
// decoded again: the others stay the same objects.
import { ArchiveReader } from './archive.ts';
import { type AggregateRow, type AggregateSpec, type Figures, fieldOf, groupField, type Query } from './query.ts';
import type { FieldMeta } from './schema_types.ts';
import { type JsValue, readValue } from './value.ts';

/** The bytes of one row, and what they were decoded to. */
interface Known {
  readonly from: number;
  readonly to: number;
  readonly row: AggregateRow;
}

const NONE = Object.freeze({});

export class AggregateRows {
  private readonly aggregate: AggregateSpec;
  /** How the values of keys and terms are shown: as those of a field, or as they are. */
  private readonly keyFields: readonly (FieldMeta | null)[];
  private readonly termFields: readonly (FieldMeta | null)[];
  /** A copy of the bytes read last, in a buffer that is used again. */
  private bytes = new Uint8Array(256);
  private known: readonly Known[] = [];
  private rows: readonly AggregateRow[] = [];

  constructor({ schema, collection, spec }: Query<unknown>) {
    this.aggregate = spec.aggregate!;
    this.keyFields = this.aggregate.groupBy.map((key) => (key.period === 'none' ? groupField(schema, collection, key).field : null));
    this.termFields = this.aggregate.terms.map(({ aggregator, field }) =>
      aggregator === 'min' || aggregator === 'max' ? fieldOf(collection, field!) : null);
  }

  /** The same array where none differs. */
  read(bytes: Uint8Array): readonly AggregateRow[] {
    const input = new ArchiveReader(bytes);
    const known: Known[] = [];
    let same = true;
    const count = input.u32();
    for (let i = 0; i < count; i++) {
      const from = input.position;
      const before = this.known[i];
      if (before && this.isSame(before, bytes, from)) {
        input.skip(before.to - before.from);
        known.push({ from, to: input.position, row: before.row });
      } else {
        same = false;
        const row = this.readRow(input);
        known.push({ from, to: input.position, row });
      }
    }
    if (!same || count !== this.known.length) this.rows = known.map(({ row }) => row);
    if (this.bytes.length < bytes.length) this.bytes = new Uint8Array(2 * bytes.length);
    this.bytes.set(bytes);
    this.known = known;
    return this.rows;
  }

  // A row's bytes say where they end, so equal bytes are an equal row.
  private isSame({ from, to }: Known, bytes: Uint8Array, at: number): boolean {
    if (at + (to - from) > bytes.length) return false;
    for (let i = from; i < to; i++) if (this.bytes[i] !== bytes[at + i - from]) return false;
    return true;
  }

  private readRow(input: ArchiveReader): AggregateRow {
    let next = 0;
    const keys = input.list(() => readValue(input, this.keyFields[next++] ?? null));
    const figures = this.readFigures(input);
    const previous = input.bool() ? this.readFigures(input) : null;
    return { key: keys[0] ?? null, keys, ...figures, previous };
  }

  private readFigures(input: ArchiveReader): Figures {
    const rows = input.i64();
    let next = 0;
    const values = input.list(() => readValue(input, this.termFields[next++] ?? null));
    input.list(() => readValue(input, null)); // of averages: sums and counts, for the engine
    const of = <T>(aggregator: AggregateSpec['terms'][number]['aggregator'], read: (value: JsValue) => T): Readonly<Record<string, T>> => {
      let found: Record<string, T> | null = null;
      this.aggregate.terms.forEach((term, i) => {
        if (term.aggregator === aggregator) (found ??= {})[term.field!] = read(values[i] ?? null);
      });
      return found ?? NONE;
    };
    const asIs = (value: JsValue): JsValue => value;
    return {
      rows, count: rows, sums: of('sum', Number), averages: of('avg', (value) => (value === null ? null : Number(value))),
      distinct: of('countDistinct', Number), mins: of('min', asIs), maxs: of('max', asIs),
    };
  }
}

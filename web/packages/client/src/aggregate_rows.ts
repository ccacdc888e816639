// The rows of an aggregate query as the core sends them (AggregateRow[] in the archive), decoded. Only groups that moved are
// decoded again: the others stay the same objects.
import { ArchiveReader, type BufferBytes, bufferBytes } from './archive.ts';
import { type AggregateRow, type AggregateSpec, type Figures, fieldOf, groupField, type Query } from './query.ts';
import type { FieldMeta } from './schema_types.ts';
import { type JsValue, readValue } from './value.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** Which of the figures a term's values are found in. */
type Part = 'sums' | 'averages' | 'distinct' | 'mins' | 'maxs';
const PARTS: Readonly<Record<AggregateSpec['terms'][number]['aggregator'], Part | null>> = {
  count: null, sum: 'sums', avg: 'averages', countDistinct: 'distinct', min: 'mins', max: 'maxs',
};

interface Term {
  readonly part: Part | null;
  readonly name: string;
  /** How its values are shown: as those of a field, or as they are. */
  readonly field: FieldMeta | null;
}

const NONE = Object.freeze({});
const newBytes = (size: number): BufferBytes => {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
};

export class AggregateRows {
  private readonly terms: readonly Term[];
  private readonly keyFields: readonly (FieldMeta | null)[];
  /** A copy of the bytes read last, in a buffer that is used again, and how many of them each row took. */
  private copy: BufferBytes = newBytes(256);
  private sizes: number[] = [];
  private rows: readonly AggregateRow[] = [];
  private readonly input = new ArchiveReader(this.copy.bytes);

  constructor({ schema, collection, spec }: Query<unknown>) {
    const { groupBy, terms } = spec.aggregate!;
    this.keyFields = groupBy.map((key) => (key.period === 'none' ? groupField(schema, collection, key).field : null));
    this.terms = terms.map(({ aggregator, field }) => ({
      part: PARTS[aggregator], name: field ?? '', field: aggregator === 'min' || aggregator === 'max' ? fieldOf(collection, field!) : null,
    }));
  }

  /** The same array where none differs. */
  read(bytes: Uint8Array): readonly AggregateRow[] {
    const whole = bufferBytes(bytes.buffer);
    const input = this.input.over(whole, bytes.byteOffset, bytes.length);
    const count = input.u32();
    let rows: AggregateRow[] | null = count === this.rows.length ? null : this.rows.slice(0, count);
    let known = input.position - bytes.byteOffset;
    for (let i = 0; i < count; i++) {
      const from = input.position;
      const size = this.sizes[i] ?? 0;
      if (size > 0 && from + size <= bytes.byteOffset + bytes.length && this.isKnown(known, whole, from, size)) {
        input.skip(size);
      } else {
        rows ??= this.rows.slice();
        rows[i] = this.readRow(input);
        this.sizes[i] = input.position - from;
      }
      known += size;
    }
    this.sizes.length = count;
    if (this.copy.bytes.length < bytes.length) this.copy = newBytes(2 * bytes.length);
    this.copy.bytes.set(bytes);
    if (rows) this.rows = rows;
    return this.rows;
  }

  // A row's bytes say where they end, so equal bytes are an equal row.
  private isKnown(known: number, { bytes, view }: BufferBytes, from: number, size: number): boolean {
    const { copy } = this;
    let i = 0;
    for (; i + 4 <= size; i += 4) if (copy.view.getUint32(known + i) !== view.getUint32(from + i)) return false;
    for (; i < size; i++) if (copy.bytes[known + i] !== bytes[from + i]) return false;
    return true;
  }

  private readRow(input: ArchiveReader): AggregateRow {
    const keys: JsValue[] = [];
    for (let left = input.u32(); left > 0; left--) keys.push(readValue(input, this.keyFields[keys.length] ?? null));
    const { rows, count, sums, averages, distinct, mins, maxs } = this.readFigures(input);
    const previous = input.bool() ? this.readFigures(input) : null;
    return { key: keys[0] ?? null, keys, rows, count, sums, averages, distinct, mins, maxs, previous };
  }

  private readFigures(input: ArchiveReader): Figures {
    const rows = input.i64();
    const figures: Mutable<Figures> = { rows, count: rows, sums: NONE, averages: NONE, distinct: NONE, mins: NONE, maxs: NONE };
    const values = input.u32();
    for (let i = 0; i < values; i++) {
      const { part, name, field } = this.terms[i]!;
      const value = readValue(input, field);
      if (part === null) continue;
      if (figures[part] === NONE) figures[part] = {};
      (figures[part] as Record<string, JsValue>)[name] = shown(part, value);
    }
    for (let left = input.u32(); left > 0; left--) readValue(input, null); // of averages: sums and counts, for the engine
    return figures;
  }
}

function shown(part: Part, value: JsValue): JsValue {
  if (part === 'sums' || part === 'distinct') return Number(value);
  return part === 'averages' && value !== null ? Number(value) : value;
}

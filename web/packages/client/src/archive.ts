// The byte format of every message of the engine (shared/syncline/protocol): little-endian fixed-width integers, u32 sizes
// before strings and lists, ids as 16 raw bytes.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

const DIGIT = HEX.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)] as const);
const HIGH = Uint8Array.from(DIGIT, ([high]) => high);
const LOW = Uint8Array.from(DIGIT, ([, low]) => low);
/** Where the digits of each byte stand in the text. */
const DIGITS_AT = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

/** "018f3e2a-…" of the 16 bytes at `at`. */
export function idAt(b: Uint8Array, at: number): string {
  // In one call: joined piece by piece it would become a tree of strings.
  return String.fromCharCode(
    HIGH[b[at]!]!, LOW[b[at]!]!, HIGH[b[at + 1]!]!, LOW[b[at + 1]!]!, HIGH[b[at + 2]!]!, LOW[b[at + 2]!]!, HIGH[b[at + 3]!]!, LOW[b[at + 3]!]!,
    45, HIGH[b[at + 4]!]!, LOW[b[at + 4]!]!, HIGH[b[at + 5]!]!, LOW[b[at + 5]!]!, 45, HIGH[b[at + 6]!]!, LOW[b[at + 6]!]!, HIGH[b[at + 7]!]!, LOW[b[at + 7]!]!,
    45, HIGH[b[at + 8]!]!, LOW[b[at + 8]!]!, HIGH[b[at + 9]!]!, LOW[b[at + 9]!]!, 45, HIGH[b[at + 10]!]!, LOW[b[at + 10]!]!, HIGH[b[at + 11]!]!, LOW[b[at + 11]!]!,
    HIGH[b[at + 12]!]!, LOW[b[at + 12]!]!, HIGH[b[at + 13]!]!, LOW[b[at + 13]!]!, HIGH[b[at + 14]!]!, LOW[b[at + 14]!]!, HIGH[b[at + 15]!]!, LOW[b[at + 15]!]!,
  );
}

/** Is `text` what idAt() would give? */
export function isIdAt(bytes: Uint8Array, at: number, text: string): boolean {
  if (text.length !== 36) return false;
  for (let i = 0; i < 16; i++) {
    const byte = bytes[at + i]!;
    const digits = DIGITS_AT[i]!;
    if (text.charCodeAt(digits) !== HIGH[byte] || text.charCodeAt(digits + 1) !== LOW[byte]) return false;
  }
  return true;
}

/** The 16 bytes of a UUID; throws RangeError when it is none. */
export function idBytes(id: string): Uint8Array {
  const bytes = new Uint8Array(16);
  writeId(bytes, 0, id);
  return bytes;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Writes the 16 bytes of a UUID, with or without dashes. */
function writeId(bytes: Uint8Array, at: number, id: string): void {
  let digits = 0;
  let high = 0;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code === 45) continue;
    const digit = hexDigit(code);
    if (digit < 0 || digits === 32) throw new RangeError(`"${id}" is not an id`);
    if (digits % 2 === 0) high = digit;
    else bytes[at + (digits >> 1)] = high * 16 + digit;
    digits++;
  }
  if (digits !== 32) throw new RangeError(`"${id}" is not an id`);
}

/** A UUIDv7 of now (client ids, ids of records made outside a mutator). */
export function newId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (40 - 8 * i)) & 0xff;
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return idAt(bytes, 0);
}

export class ArchiveWriter {
  private buffer = new Uint8Array(256);
  private view = new DataView(this.buffer.buffer);
  private at = 0;

  private reserve(size: number): number {
    const start = this.at;
    if (start + size > this.buffer.length) {
      const grown = new Uint8Array(Math.max(this.buffer.length * 2, start + size));
      grown.set(this.buffer);
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    this.at = start + size;
    return start;
  }

  u8(value: number): this {
    const at = this.reserve(1);
    this.view.setUint8(at, value);
    return this;
  }
  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }
  u16(value: number): this {
    const at = this.reserve(2);
    this.view.setUint16(at, value, true);
    return this;
  }
  u32(value: number): this {
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
    return this;
  }
  i32(value: number): this {
    const at = this.reserve(4);
    this.view.setInt32(at, value, true);
    return this;
  }
  u64(value: number | bigint): this {
    const at = this.reserve(8);
    this.view.setBigUint64(at, BigInt(value), true);
    return this;
  }
  i64(value: number | bigint): this {
    const at = this.reserve(8);
    this.view.setBigInt64(at, BigInt(value), true);
    return this;
  }
  text(value: string): this {
    return this.bytes(encoder.encode(value));
  }
  bytes(value: Uint8Array): this {
    this.u32(value.length);
    return this.raw(value);
  }
  raw(value: Uint8Array): this {
    const at = this.reserve(value.length);
    this.buffer.set(value, at);
    return this;
  }
  id(value: string): this {
    const at = this.reserve(16);
    writeId(this.buffer, at, value);
    return this;
  }
  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.u32(items.length);
    items.forEach(write);
    return this;
  }
  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.at);
  }
}

/** All bytes of a buffer, and what reads numbers from them. */
export interface BufferBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}
let latest: BufferBytes = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };
/** Most reads are of the core's memory, again and again: nothing is made for these. */
export function bufferBytes(buffer: ArrayBufferLike): BufferBytes {
  if (latest.bytes.buffer !== buffer) latest = { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
  return latest;
}

const HIGH_HALF = 4_294_967_296;
/** Integers of the engine stay within ±2^53 (SEMANTICS 42): two halves are exact, and cheaper than a BigInt. */
export function i64At(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * HIGH_HALF + view.getUint32(at, true);
}

/** Reads bytes that our own WASM core wrote; throws RangeError past the end. */
export class ArchiveReader {
  private source: Uint8Array;
  private view: DataView;
  private at: number;
  private end: number;

  constructor(source: Uint8Array) {
    const { bytes, view } = bufferBytes(source.buffer);
    this.source = bytes;
    this.view = view;
    this.at = source.byteOffset;
    this.end = this.at + source.length;
  }
  /** Reads these from now on. */
  on(source: Uint8Array): this {
    return this.over(bufferBytes(source.buffer), source.byteOffset, source.length);
  }
  /** Reads `size` bytes of a buffer, from `at` on, from now on. */
  over({ bytes, view }: BufferBytes, at: number, size: number): this {
    this.source = bytes;
    this.view = view;
    this.at = at;
    this.end = at + size;
    return this;
  }

  /** In the buffer. */
  get position(): number {
    return this.at;
  }
  get done(): boolean {
    return this.at >= this.end;
  }
  private take(size: number): number {
    const at = this.at;
    this.at += size;
    if (this.at > this.end) throw new RangeError('read past the end');
    return at;
  }
  /** What is left, not copied. */
  rest(): Uint8Array {
    return this.source.subarray(this.take(this.end - this.at), this.end);
  }
  skip(size: number): void {
    this.take(size);
  }
  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  bool(): boolean {
    return this.u8() !== 0;
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }
  /** As a number: versions, counts and times stay far below 2^53. */
  u64(): number {
    const at = this.take(8);
    return this.view.getUint32(at + 4, true) * HIGH_HALF + this.view.getUint32(at, true);
  }
  i64(): number {
    return i64At(this.view, this.take(8));
  }
  bytes(): Uint8Array {
    const size = this.u32();
    const at = this.take(size);
    return this.source.subarray(at, at + size);
  }
  text(): string {
    const size = this.u32();
    const at = this.take(size);
    return size === 0 ? '' : decoder.decode(this.source.subarray(at, at + size));
  }
  /** Skips `size` bytes if all of them are zero: what is empty or nothing. */
  skipZeros(size: number): boolean {
    const from = this.take(size);
    for (let i = from; i < this.at; i++) {
      if (this.source[i] === 0) continue;
      this.at = from;
      return false;
    }
    return true;
  }
  id(): string {
    const at = this.take(16);
    return idAt(this.source, at);
  }
  list<T>(read: () => T): T[] {
    const count = this.u32();
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read());
    return items;
  }
}

// The WASM module behind its C ABI (wasm/ABI.md), as a typed object. One instance, one core. No Emscripten glue: the module
// is standalone, so its whole environment is the `imports` below.
import { ArchiveReader, ArchiveWriter, type BufferBytes, bufferBytes } from '../archive.ts';
import { type EngineError, readError } from './wire.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  sl_abi_version(): number;
  sl_schema_hash(): bigint;
  sl_input(size: number): number;
  sl_output(): number;
  sl_output_size(): number;
  sl_call(size: number, now: number): number;
  sl_poll(): number;
  sl_next_timeout(): number;
  sl_window(query: number, first: number, count: number): number;
  sl_groups(query: number): number;
  sl_record(collection: number, confirmed: number): number;
  sl_status(query: number): number;
  sl_explain(query: number): number;
  sl_persist(): number;
}

const ABI_VERSION = 7;

export const Command = {
  create: 0, restore: 1, setToken: 2, setOnline: 3, retryNow: 4, stop: 5, subscribe: 6, unsubscribe: 7,
  mutate: 8, opened: 9, received: 10, closed: 11, stored: 12, timeout: 13, restoreRows: 14, setWindow: 15, receivedPart: 16, undo: 17, draft: 18,
  mutateAccepted: 19, undoAccepted: 20,
} as const;

/** The kinds of output messages. */
export const Output = {
  connect: 0, disconnect: 1, send: 2, storeMutation: 3, forgetMutation: 4, tokenWanted: 5, reloadWanted: 6,
  connectionChanged: 7, pendingChanged: 8, settled: 9, viewUpdate: 10, historyChanged: 11, draftChanged: 12,
} as const;

/** The core refused a command; it goes on working. */
export class CoreRefusal extends Error {
  constructor(readonly engine: EngineError) {
    super(engine.message);
    this.name = 'CoreRefusal';
  }
}
/** The instance is dead: a bug. Rows in the outbox are safe; a new instance must be made. */
export class CoreDead extends Error {
  constructor(readonly engine: EngineError) {
    super(engine.message);
    this.name = 'CoreDead';
  }
}

const NOTHING = new Uint8Array(0);

export type WasmSource = WebAssembly.Module | BufferSource;

export class WasmCore {
  /** The instance's memory; another one after it grew. */
  private whole: BufferBytes = bufferBytes(new ArrayBuffer(0));
  private grown = true;
  private readonly message = new ArchiveReader(NOTHING);

  private constructor(private exports: Exports) {}

  static async load(source: WasmSource): Promise<WasmCore> {
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    const core = new WasmCore(undefined as unknown as Exports);
    const wasi: Record<string, (...args: number[]) => number> = {};
    for (const { module: space, name } of WebAssembly.Module.imports(module)) {
      if (space === 'wasi_snapshot_preview1') wasi[name] = () => 0;
    }
    wasi['proc_exit'] = (code = 0) => {
      throw new WebAssembly.RuntimeError(`the core exited with ${code}`);
    };
    const instance = await WebAssembly.instantiate(module, {
      env: { emscripten_notify_memory_growth: () => void (core.grown = true) },
      wasi_snapshot_preview1: wasi,
    });
    core.exports = instance.exports as unknown as Exports;
    core.exports._initialize();
    if (core.exports.sl_abi_version() !== ABI_VERSION) throw new Error('syncline.wasm has another ABI version');
    return core;
  }

  /** Unsigned, as decimal text: compare with schema.hash. */
  get schemaHash(): string {
    return BigInt.asUintN(64, this.exports.sl_schema_hash()).toString();
  }
  get nextTimeout(): number {
    return this.exports.sl_next_timeout();
  }

  /** One command; the answer's bytes are a copy. Errors: CoreRefusal, CoreDead. */
  call(command: number, payload: Uint8Array, now: number): Uint8Array {
    const size = payload.length + 1;
    const at = this.exports.sl_input(size);
    const { bytes } = this.memory();
    bytes[at] = command;
    bytes.set(payload, at + 1);
    let answered: number;
    try {
      answered = this.exports.sl_call(size, now);
    } catch (error) {
      throw trapped(error);
    }
    return answered === 0 ? NOTHING : this.output(answered);
  }
  send(command: number, now: number, write?: (out: ArchiveWriter) => void): ArchiveReader {
    const out = new ArchiveWriter();
    write?.(out);
    return new ArchiveReader(this.call(command, out.finish(), now));
  }
  /** The next output message, or null. It is read where it lies: copy what outlives the next call. */
  poll(): ArchiveReader | null {
    let size: number;
    try {
      size = this.exports.sl_poll();
    } catch (error) {
      throw trapped(error);
    }
    if (size === 0) return null;
    if (size < 0) this.refused(size);
    return this.message.over(this.memory(), this.exports.sl_output(), size);
  }
  window(query: number, first: number, count: number): Uint8Array {
    return this.output(this.packWindow(query, first, count));
  }
  /** The same where it lies: good until the next call. */
  windowInPlace(query: number, first: number, count: number): Uint8Array {
    return this.inPlace(this.packWindow(query, first, count));
  }
  groups(query: number): Uint8Array {
    return this.output(this.packGroups(query));
  }
  groupsInPlace(query: number): Uint8Array {
    return this.inPlace(this.packGroups(query));
  }
  explain(query: number): Uint8Array {
    return this.output(this.run(() => this.exports.sl_explain(query)));
  }
  persist(): Uint8Array {
    return this.output(this.run(() => this.exports.sl_persist()));
  }
  /** Bytes of WASM memory, which never shrinks. */
  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  private memory(): BufferBytes {
    if (this.grown) {
      this.grown = false;
      this.whole = bufferBytes(this.exports.memory.buffer);
    }
    return this.whole;
  }
  // What runs with every change makes no closure.
  private packWindow(query: number, first: number, count: number): number {
    try {
      return this.exports.sl_window(query, first, count);
    } catch (error) {
      throw trapped(error);
    }
  }
  private packGroups(query: number): number {
    try {
      return this.exports.sl_groups(query);
    } catch (error) {
      throw trapped(error);
    }
  }
  private run(call: () => number): number {
    try {
      return call();
    } catch (error) {
      throw trapped(error);
    }
  }
  private refused(size: number): never {
    const error = readError(new ArchiveReader(this.output(this.exports.sl_output_size())));
    throw size === -1 ? new CoreRefusal(error) : new CoreDead(error);
  }
  /** The answer of a call, which said its size. */
  private inPlace(size: number): Uint8Array {
    if (size < 0) this.refused(size);
    const at = this.exports.sl_output();
    return this.memory().bytes.subarray(at, at + size);
  }
  private output(size: number): Uint8Array {
    if (size < 0) this.refused(size);
    const at = this.exports.sl_output();
    return this.memory().bytes.slice(at, at + size);
  }
}

function trapped(error: unknown): CoreDead {
  return new CoreDead({ code: 'internal', message: String(error), fields: [] });
}

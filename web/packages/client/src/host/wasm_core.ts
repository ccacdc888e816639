// The WASM module behind its C ABI (wasm/ABI.md), as a typed object. One instance, one core. No Emscripten glue: the module
// is standalone, so its whole environment is the `imports` below.
import { ArchiveReader, ArchiveWriter } from '../archive.ts';
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
  sl_persist(): number;
}

const ABI_VERSION = 2;

export const Command = {
  create: 0, restore: 1, setToken: 2, setOnline: 3, retryNow: 4, stop: 5, subscribe: 6, unsubscribe: 7,
  mutate: 8, opened: 9, received: 10, closed: 11, stored: 12, timeout: 13, restoreRows: 14,
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

export type WasmSource = WebAssembly.Module | BufferSource;

export class WasmCore {
  private constructor(private readonly exports: Exports) {}

  static async load(source: WasmSource): Promise<WasmCore> {
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    const wasi: Record<string, (...args: number[]) => number> = {};
    for (const { module: space, name } of WebAssembly.Module.imports(module)) {
      if (space === 'wasi_snapshot_preview1') wasi[name] = () => 0;
    }
    wasi['proc_exit'] = (code = 0) => {
      throw new WebAssembly.RuntimeError(`the core exited with ${code}`);
    };
    const instance = await WebAssembly.instantiate(module, {
      env: { emscripten_notify_memory_growth: () => undefined },
      wasi_snapshot_preview1: wasi,
    });
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    if (exports.sl_abi_version() !== ABI_VERSION) throw new Error('syncline.wasm has another ABI version');
    return new WasmCore(exports);
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
    const input = new Uint8Array(this.exports.memory.buffer, at, size);
    input[0] = command;
    input.set(payload, 1);
    return this.answer(() => this.exports.sl_call(size, now));
  }
  send(command: number, now: number, write?: (out: ArchiveWriter) => void): ArchiveReader {
    const out = new ArchiveWriter();
    write?.(out);
    return new ArchiveReader(this.call(command, out.finish(), now));
  }
  /** The next output message, or null. */
  poll(): Uint8Array | null {
    const bytes = this.answer(() => this.exports.sl_poll());
    return bytes.length === 0 ? null : bytes;
  }
  window(query: number, first: number, count: number): Uint8Array {
    return this.answer(() => this.exports.sl_window(query, first, count));
  }
  groups(query: number): Uint8Array {
    return this.answer(() => this.exports.sl_groups(query));
  }
  persist(): Uint8Array {
    return this.answer(() => this.exports.sl_persist());
  }
  /** Bytes of WASM memory, which never shrinks. */
  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  private answer(run: () => number): Uint8Array {
    let size: number;
    try {
      size = run();
    } catch (error) {
      throw new CoreDead({ code: 'internal', message: String(error), fields: [] });
    }
    if (size >= 0) return this.output(size);
    const error = readError(new ArchiveReader(this.output(this.exports.sl_output_size())));
    throw size === -1 ? new CoreRefusal(error) : new CoreDead(error);
  }
  private output(size: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, this.exports.sl_output(), size).slice();
  }
}

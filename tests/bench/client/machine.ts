// Where a benchmark runs: what memory and processor time it has used is asked of Node here, of Chromium elsewhere (page.ts).
export interface Machine {
  collectGarbage(): void;
  /** JavaScript heap after a collection, array buffers and WebAssembly pages. */
  heapBytes(): Promise<number>;
  /** In µs, of all threads of the process. */
  cpuTime(): number;
}

/** In Node started with --expose-gc, or Chromium with that flag for JavaScript. */
export function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) gc?.();
}

export const node: Machine = {
  collectGarbage,
  heapBytes() {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return Promise.resolve(heapUsed + external);
  },
  cpuTime() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

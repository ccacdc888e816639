// A part of the engine that could not be loaded is tried again. Where a tab crashes, the service worker goes with it if they
// shared a process, and what is asked of it in that moment fails (in Chromium about once in a hundred crashes): without a
// network nobody else has the part, and with one the next try finds it.

const WAITS_MS = [100, 400, 1_500, 5_000];

/** Runs `load` until it succeeds, with longer waits between; rejects as the last one did, or when `closing` says so. */
export async function loaded<T>(load: () => Promise<T>, closing?: AbortSignal): Promise<T> {
  for (const wait of WAITS_MS) {
    closing?.throwIfAborted();
    try {
      return await load();
    } catch {
      closing?.throwIfAborted();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        closing?.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      });
    }
  }
  closing?.throwIfAborted();
  return load();
}

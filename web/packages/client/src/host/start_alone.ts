// Two hosts never work on one user's database: each would read what the other queued and send it once more under its own
// connection, and neither would see what the other keeps. The lock is the browser's, whichever shell asks for it.
import type { CoreHost } from './core_host.ts';
import { hostLock } from './leader.ts';
import { databaseName, type Hello, startHost } from './start.ts';

/** A worker outlives the page that ended it by a moment; another shell's lives as long as its tabs. */
const WAIT_MS = 10_000;
const TAKEN = 'Syncline is already open in this browser, in tabs that run its engine in another way (?host=shared or ?host=leader). '
  + 'Close those tabs, or open this one the same way, and reload.';

/** Resolves with the end of it. Errors: somebody else has it, and keeps it. */
async function holdDatabase(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> => new Promise((release) => resolve(release));
    navigator.locks.request(hostLock(name), { signal: AbortSignal.timeout(WAIT_MS) }, held).catch(() => {
      console.warn(`syncline: ${TAKEN}`);
      reject(new Error(TAKEN));
    });
  });
}

/** A host that has the user's database to itself until it is over and done with it. */
export async function startAlone(hello: Hello): Promise<CoreHost> {
  const release = await holdDatabase(databaseName(hello.user));
  try {
    const host = await startHost(hello);
    host.onOver((done) => void done.finally(release));
    return host;
  } catch (error) {
    release();
    throw error;
  }
}

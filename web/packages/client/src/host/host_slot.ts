// The place of a user's one CoreHost in a SharedWorker: the first tab's hello starts it, later tabs join it. A host that is
// over leaves its place at once, so that signing in again, in any tab, starts a new one without a reload; the new one reads
// storage only after the old one is done with it.
import type { CoreHost } from './core_host.ts';
import { forgetUser, type Hello } from './start.ts';
import type { HostSource } from './tab_link.ts';

export class HostSlot implements HostSource {
  private host: Promise<CoreHost> | null = null;
  private before: Promise<unknown> = Promise.resolve();

  constructor(private readonly start: (hello: Hello) => Promise<CoreHost>) {}

  /** A failed start is forgotten, so that the next tab tries again. */
  join(hello: Hello): Promise<CoreHost> {
    this.host ??= this.begin(hello).catch((error: unknown) => {
      this.host = null;
      throw error;
    });
    return this.host;
  }

  async forget(user: string, queueToo: boolean): Promise<boolean> {
    // A host that another tab has started since holds the same rows: it ends too.
    const host = await this.host?.catch(() => null);
    if (host) return host.signOut(queueToo);
    const cleared = forgetUser(user, queueToo);
    this.before = cleared;
    return cleared;
  }

  /** Another shell goes on with this user: the host here stops, and resolves when it no longer touches storage. */
  async leave(): Promise<void> {
    const host = await this.host?.catch(() => null);
    this.host = null;
    host?.leave();
    await this.before;
  }

  private async begin(hello: Hello): Promise<CoreHost> {
    await this.before;
    const host = await this.start(hello);
    host.onOver((done) => {
      this.host = null;
      this.before = done;
    });
    return host;
  }
}

// What the host keeps in the browser, and what happens when storage refuses. The queue is written at once, before anything
// is sent; rows are written behind. A write that failed is said once and tried again until it succeeds; meanwhile the core
// works on from memory, and KeeperState says what a reload would lose (SEMANTICS 12).
//
// Invariant: an unsettled mutation is in the store, on its way there, or in `unstored`; a settled one is out of the store, on
// its way out, or in `leftovers`. A leftover that a later core finds is sent again, and the server knows it. One that the
// server refused is among `refusals`, in memory and in the store, until its author discards or replaces it. What a mutation takes
// the place of leaves the store in the write that stores that mutation, however late it succeeds: storage never holds both, nor
// neither.
import { NOTHING_REPLACED, type OutboxStore, type Replaced, type Saved } from './outbox_store.ts';
import { idText, type MutationId, type RefusedMutation, type StoredMutation, type Verdict } from './wire.ts';

export interface KeeperState {
  /** false: a queued change lives in memory only (with no storage at all: every one). */
  readonly durable: boolean;
  /** Rows or the end of a change could not be written: a reload starts from older data and asks the server for the rest. */
  readonly storageBehind: boolean;
}

/** Rows are saved behind, so that a burst of changes costs one write (SEMANTICS 25: at least 250 ms). */
const SAVE_ROWS_AFTER_MS = 1_000;
const TRY_AGAIN_AFTER_MS = 10_000;

export class Keeper {
  /** Given to put() and not settled since. */
  private readonly open = new Map<string, StoredMutation>();
  private readonly unstored = new Set<string>();
  /** By mutation: what is to go with the write that stores it. */
  private readonly replacing = new Map<string, Replaced>();
  private readonly refusals = new Map<string, RefusedMutation>();
  /** Of the refusals that storage did not take: as which mutation each was queued. */
  private readonly unkept = new Map<string, MutationId>();
  private readonly leftovers = new Map<string, MutationId>();
  /** Refusals that nobody wants any more, and that are still in the store. */
  private readonly undiscarded = new Map<string, MutationId>();
  private readonly told = new Set<string>();
  private readonly leaving: MutationId[] = [];
  private removal: Promise<void> | null = null;
  private rowsFailed = false;
  private saving: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private last: KeeperState;

  /** `persist`: the rows of now, null when they cannot be had. `changed` is called when `state` has changed. */
  constructor(
    private readonly store: OutboxStore,
    private readonly persist: () => Uint8Array | null,
    private readonly changed: (state: KeeperState) => void,
    private readonly refusedChanged: (refused: readonly RefusedMutation[]) => void,
  ) {
    this.last = this.state;
  }

  /** What earlier hosts left. */
  adopt(saved: Saved): void {
    for (const mutation of saved.mutations) this.open.set(idText(mutation), mutation);
    for (const refused of saved.refused) this.refusals.set(idText(refused), refused);
  }

  /** Before this core's first change can be confirmed: later cores name it to the server as one of theirs. */
  begin(client: string): void {
    void this.attempt('to remember who worked here', () => this.store.begin(client));
  }

  get refused(): readonly RefusedMutation[] {
    return [...this.refusals.values()];
  }

  get state(): KeeperState {
    return {
      durable: this.store.durable && this.unstored.size === 0 && this.unkept.size === 0,
      storageBehind: this.rowsFailed || this.leftovers.size > 0 || this.undiscarded.size > 0,
    };
  }

  /** false: what a mutation says is of no use here. */
  get reads(): boolean {
    return this.store.durable || this.store.remembers === true;
  }

  /**
   * Resolves when the mutation may be sent: with true when it is stored, with false when storage refused it and `state` says
   * so. `read` is called at once, or not at all where there is no storage. It takes the place of the refused ones it `replaces`,
   * or is the queued one `renumbered` under another id.
   */
  put(read: () => StoredMutation, replaces: readonly MutationId[] = [], renumbered: MutationId | null = null): Promise<boolean> {
    if (replaces.filter((id) => this.refusals.delete(idText(id))).length > 0) this.refusedChanged(this.refused);
    if (!this.reads) return Promise.resolve(false);
    const mutation = this.numbered(read(), renumbered);
    this.open.set(idText(mutation), mutation);
    if (!this.store.durable) return Promise.resolve(false);
    if (replaces.length > 0) this.replacing.set(idText(mutation), { ...this.replacedBy(mutation), refused: replaces });
    return this.keep(mutation);
  }

  /** It goes on as the one that it was: for whom it was made, and with what that had still to take out of the store. */
  private numbered(mutation: StoredMutation, renumbered: MutationId | null): StoredMutation {
    if (!renumbered) return mutation;
    const old = idText(renumbered);
    const { refused, queued } = this.replacedBy(renumbered);
    this.replacing.set(idText(mutation), { refused, queued: [...queued, renumbered] });
    const origins = mutation.origins ?? this.open.get(old)?.origins;
    this.open.delete(old);
    this.unstored.delete(old);
    this.replacing.delete(old);
    return origins ? { ...mutation, origins } : mutation;
  }

  private replacedBy(id: MutationId): Replaced {
    return this.replacing.get(idText(id)) ?? NOTHING_REPLACED;
  }

  private async keep(mutation: StoredMutation): Promise<boolean> {
    const id = idText(mutation);
    const replaces = this.replacedBy(mutation);
    const kept = await this.attempt('to keep a queued change', () => this.store.put(mutation, replaces));
    if (kept) {
      this.unstored.delete(id);
      if (this.replacedBy(mutation) === replaces) this.replacing.delete(id);
    } else if (this.open.has(id)) {
      this.unstored.add(id);
    }
    this.tell();
    return kept;
  }

  /** It is not in the queue any more; nor is what it took the place of, which may be in the store. */
  private closed(id: MutationId): void {
    const { refused, queued } = this.replacedBy(id);
    for (const map of [this.open, this.unstored, this.replacing]) map.delete(idText(id));
    for (const old of queued) void this.forget(old);
    for (const old of refused) void this.eraseRefusal(old);
  }

  /** The server did not accept the queued mutation `id`, which the application knows as `known`. */
  async refuse(id: MutationId, known: MutationId, verdict: Verdict): Promise<void> {
    const mutation = this.open.get(idText(id));
    // Without storage nothing is known of it here; the tab that made it tells its author.
    if (!mutation) return this.forget(id);
    this.closed(id);
    this.refusals.set(idText(known), { ...mutation, ...known, verdict });
    this.refusedChanged(this.refused);
    await this.keepRefusal(known, id);
  }

  private async keepRefusal(known: MutationId, id: MutationId): Promise<void> {
    const refusal = this.refusals.get(idText(known));
    const kept = !refusal || await this.attempt('to keep a refused change', () => this.store.refuse(refusal, id));
    if (kept) this.unkept.delete(idText(known));
    else this.unkept.set(idText(known), id);
    this.tell();
  }

  /** Its author does not want it any more. */
  async discard(id: MutationId): Promise<void> {
    if (!this.refusals.delete(idText(id))) return;
    this.refusedChanged(this.refused);
    await this.eraseRefusal(id);
  }

  private async eraseRefusal(id: MutationId): Promise<void> {
    if (await this.attempt('to forget a refused change', () => this.store.discard(id))) this.undiscarded.delete(idText(id));
    else this.undiscarded.set(idText(id), id);
    this.tell();
  }

  /** A settled mutation leaves the queue: all of one turn in one write. */
  forget(id: MutationId): Promise<void> {
    this.closed(id);
    this.leaving.push(id);
    this.removal ??= Promise.resolve().then(() => this.removeSettled());
    return this.removal;
  }

  private async removeSettled(): Promise<void> {
    const ids = this.leaving.splice(0);
    this.removal = null;
    const gone = await this.attempt('to remove a settled change', () => this.store.remove(ids));
    for (const id of ids) {
      if (gone) this.leftovers.delete(idText(id));
      else this.leftovers.set(idText(id), id);
    }
    this.tell();
  }

  saveRowsSoon(): void {
    if (!this.store.durable || this.stopped || this.saving !== undefined) return;
    this.saving = setTimeout(() => {
      this.saving = undefined;
      void this.saveRows();
    }, SAVE_ROWS_AFTER_MS);
  }

  private async saveRows(): Promise<void> {
    const rows = this.stopped ? null : this.persist();
    if (!rows) return;
    this.rowsFailed = !(await this.attempt('to keep rows', () => this.store.saveRows(rows)));
    this.tell();
  }

  /** A core has failed: whoever starts the next one knows. */
  async trapped(): Promise<void> {
    await this.attempt('to remember a failure', () => this.store.trapped(Date.now()));
  }
  /** The rows may be what cores fail on. */
  dropRows(): void {
    void this.attempt('to forget rows', () => this.store.dropRows());
  }

  /** Nothing is written any more. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.saving);
    clearTimeout(this.again);
  }

  /**
   * After a sign-out: this user's rows go, with `queueToo` the queued and the refused changes as well; what is settled goes in
   * any case.
   * Resolves with false when storage refused.
   */
  clear(queueToo: boolean): Promise<boolean> {
    this.stop();
    return this.attempt('to forget a user', async () => {
      const discards = [...this.undiscarded.values()].map((id) => this.store.discard(id));
      await Promise.all([this.store.clear(queueToo), this.store.remove([...this.leftovers.values()]), ...discards]);
    });
  }

  private async attempt(what: string, run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      this.told.delete(what);
      return true;
    } catch (error) {
      if (!this.told.has(what)) console.warn(`syncline: browser storage refused ${what}`, error);
      this.told.add(what);
      this.tryAgainLater();
      return false;
    }
  }

  private tryAgainLater(): void {
    if (this.stopped || this.again !== undefined) return;
    this.again = setTimeout(() => {
      this.again = undefined;
      for (const id of [...this.unstored]) void this.keep(this.open.get(id)!);
      for (const [known, id] of [...this.unkept]) {
        const refusal = this.refusals.get(known);
        if (refusal) void this.keepRefusal(refusal, id);
        else this.forgetUnkept(known, id);
      }
      for (const id of [...this.undiscarded.values()]) void this.eraseRefusal(id);
      for (const id of [...this.leftovers.values()]) void this.forget(id);
      if (this.rowsFailed) void this.saveRows();
    }, TRY_AGAIN_AFTER_MS);
  }

  /** Decided about while it was still queued in the store. */
  private forgetUnkept(known: string, id: MutationId): void {
    this.unkept.delete(known);
    void this.forget(id);
  }

  private tell(): void {
    const { state } = this;
    if (state.durable === this.last.durable && state.storageBehind === this.last.storageBehind) return;
    this.last = state;
    this.changed(state);
  }
}

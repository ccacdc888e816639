// The queries of all tabs: what each tab has not been told yet, and how that reads as messages. A tab beside the host is told at
// once; one elsewhere by one message a turn, and only after it has painted the one before.
import type { ArchiveReader } from '../archive.ts';
import { addUpdate, newSubscription, type Subscription, takeUpdate } from './subscription.ts';
import type { RowWindow, TabPort } from './messages.ts';
import type { WasmCore } from './wasm_core.ts';

/** What is kept of a tab that reads queries. */
export interface Reader {
  readonly port: TabPort;
  readonly queries: Map<number, Subscription<Reader>>;
  waiting: Subscription<Reader>[];
  painted: boolean;
}
export const newReader = (port: TabPort): Reader => ({ port, queries: new Map(), waiting: [], painted: true });

const NOTHING: Transferable[] = [];

export class Subscriptions {
  /** By the core's number. */
  private readonly all = new Map<number, Subscription<Reader>>();

  constructor(private readonly core: WasmCore) {}

  add(tab: Reader, query: number, number: number, window: RowWindow): void {
    const made = newSubscription(tab, query, number, window);
    tab.queries.set(query, made);
    this.all.set(number, made);
  }
  remove(tab: Reader, subscription: Subscription<Reader>): void {
    tab.queries.delete(subscription.query);
    tab.waiting = tab.waiting.filter((each) => each !== subscription);
    this.all.delete(subscription.number);
  }

  /** The core's message `view_update`. */
  moved(input: ArchiveReader): void {
    const subscription = this.all.get(input.u32());
    if (!subscription) return;
    addUpdate(subscription, input);
    if (subscription.waits) return;
    subscription.waits = true;
    subscription.tab.waiting.push(subscription);
  }

  /** true: a tab on the same thread was told of one query. It may have caused more, and may have more to hear. */
  tell(tab: Reader): boolean {
    if (!tab.painted || tab.waiting.length === 0) return false;
    if (tab.port.direct) {
      // One by one: the tab has read the rows where they lie before the next call of the core.
      tab.port.post({ type: 'updates', updates: [takeUpdate(this.core, tab.waiting.shift()!, true)] }, NOTHING);
      return true;
    }
    const updates = tab.waiting.map((subscription) => takeUpdate(this.core, subscription, false));
    tab.waiting = [];
    tab.painted = false;
    const transfer = updates.flatMap((update) => [...update.windows, ...(update.groups ? [update.groups] : [])]);
    tab.port.post({ type: 'updates', updates }, transfer.map((bytes) => bytes.buffer as ArrayBuffer));
    return false;
  }
}

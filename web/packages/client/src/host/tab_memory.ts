// What a tab has asked of its host and must ask again of the next one, when the tab that led is gone (SEMANTICS 23). Every
// message passes through here, in both directions, so that Database never notices that its host is another one.
//
// Invariant: a mutation is remembered until the host says that it is stored, or settled. A mutation that is asked for again
// carries the same origin: a host that finds it in the outbox does not run it a second time. One that the lost host never
// stored gets a new id there; the application goes on knowing the first. What a query showed stays until the next host has
// something to show: its updates are held back as long as it is only loading.
import { ArchiveReader } from '../archive.ts';
import { DraftAction } from '../draft.ts';
import { DraftMemory } from './draft_memory.ts';
import type { HostMessage, QueryUpdate, RowWindow, TabMessage } from './messages.ts';
import { idText, type MutationId } from './wire.ts';

type Message<T extends TabMessage['type']> = Extract<TabMessage, { type: T }>;

interface OpenMutation {
  readonly message: Message<'mutate' | 'draft'>;
  /** As the application knows it; null while nobody has answered. */
  id: MutationId | null;
}

/** Collection and record come before the field. */
const FIELD_AT = 18;
const fieldOf = (message: Message<'draft'>): number => message.bytes[FIELD_AT]! + 256 * message.bytes[FIELD_AT + 1]!;

/** Whoever types sets a field with every key: the last one is enough. */
function leavingOut(done: readonly Message<'draft'>[], next: Message<'draft'>): readonly Message<'draft'>[] {
  const last = done.at(-1);
  const again = last?.action === DraftAction.set && next.action === DraftAction.set && fieldOf(last) === fieldOf(next);
  return again ? done.slice(0, -1) : done;
}

export class TabMemory {
  private readonly subscriptions = new Map<number, Message<'subscribe'>>();
  private readonly open = new Map<number, OpenMutation>();
  /** Answered at once by a host that lives. What could be undone has gone with the host: the next one says so. */
  private readonly questions = new Map<number, Message<'explain' | 'undo'>>();
  /**
   * What was done to each draft, with commits until they are stored, and its close behind those. The next host does it again;
   * what somebody else changed until then is a conflict there.
   */
  private readonly drafts = new Map<number, Message<'draft'>[]>();
  private readonly news = new DraftMemory();
  /** What the application knows a mutation by that a later host numbered anew. */
  private readonly aliases = new Map<string, MutationId>();
  /** Queries that were asked for again, with what a host has said of each since. */
  private readonly quiet = new Map<number, QueryUpdate[]>();
  private online: Message<'online'> | null = null;
  private asked = false;
  private end: Message<'logout' | 'sessionEnded'> | null = null;

  constructor(private readonly tab: string, private hello: Message<'hello'>) {}

  /** The message as it is to be sent. */
  sent(message: TabMessage): TabMessage {
    switch (message.type) {
      case 'token':
        this.hello = { ...this.hello, token: message.token };
        break;
      case 'subscribe':
        this.subscriptions.set(message.query, message);
        break;
      case 'window':
        this.move(message.query, message.window);
        break;
      case 'unsubscribe':
        this.subscriptions.delete(message.query);
        this.quiet.delete(message.query);
        break;
      case 'mutate':
        return this.opened(message);
      case 'draft': {
        const marked = message.action === DraftAction.commit ? this.opened(message) : message;
        this.drafts.set(message.draft, [...leavingOut(this.drafts.get(message.draft) ?? [], marked), marked]);
        if (message.action === DraftAction.close) {
          this.news.closed(message.draft);
          this.forgetClosed(message.draft);
        }
        return marked;
      }
      case 'explain':
      case 'undo':
        this.questions.set(message.call, message);
        break;
      case 'online':
        this.online = message;
        break;
      case 'logout':
      case 'sessionEnded':
        this.end = message;
        break;
    }
    return message;
  }

  /** The message as the application is to hear it; null: it is for this class alone. */
  heard(message: HostMessage): HostMessage | null {
    switch (message.type) {
      case 'updates':
        return this.updated(message);
      case 'answer':
        return this.answered(message);
      case 'stored':
        this.done(message.call, true);
        return null;
      case 'settled':
        return this.settled(message);
      case 'explained':
        this.questions.delete(message.call);
        return message;
      case 'drafts':
      case 'askedAgain': {
        const drafts = message.type === 'drafts' ? this.news.heard(message.drafts) : this.news.asked();
        return drafts.length > 0 ? { type: 'drafts', drafts } : null;
      }
      default:
        return message;
    }
  }

  /** Everything that a host has to hear, in order; the one before, if there was one, is gone. */
  again(): TabMessage[] {
    if (this.asked) for (const query of this.subscriptions.keys()) this.quiet.set(query, []);
    this.asked = true;
    if (this.drafts.size > 0) this.news.asking();
    return [
      this.hello, ...(this.online ? [this.online] : []), ...this.subscriptions.values(),
      ...[...this.open.values()].map(({ message }) => message).filter(({ type }) => type === 'mutate'),
      ...[...this.drafts.values()].flat(), ...(this.drafts.size > 0 ? [{ type: 'askedAgain' } as const] : []),
      ...this.questions.values(), ...(this.end ? [this.end] : []),
    ];
  }

  private opened<M extends Message<'mutate' | 'draft'>>(message: M): M {
    const marked = { ...message, origin: `${this.tab}:${message.call}` };
    this.open.set(message.call, { message: marked, id: null });
    return marked;
  }

  /** Nobody has to be asked again. `made`: what a commit took from its draft is a change of its own now. */
  private done(call: number, made: boolean): void {
    const message = this.open.get(call)?.message;
    this.open.delete(call);
    if (message?.type !== 'draft') return;
    const did = this.drafts.get(message.draft) ?? [];
    const at = did.indexOf(message);
    this.drafts.set(message.draft, did.filter((_, i) => i !== at && !(made && i > 0 && i < at)));
    this.forgetClosed(message.draft);
  }

  private forgetClosed(draft: number): void {
    const did = this.drafts.get(draft) ?? [];
    const waits = did.some(({ action }) => action === DraftAction.commit);
    if (!waits && did.at(-1)?.action === DraftAction.close) this.drafts.delete(draft);
  }

  private move(query: number, window: RowWindow): void {
    const subscription = this.subscriptions.get(query);
    if (subscription) this.subscriptions.set(query, { ...subscription, window });
  }

  private updated(message: Extract<HostMessage, { type: 'updates' }>): HostMessage | null {
    if (this.quiet.size === 0) return message;
    const updates: QueryUpdate[] = [];
    for (const update of message.updates) {
      const held = this.quiet.get(update.query);
      held?.push(update);
      if (held && update.status === 'loading') continue;
      this.quiet.delete(update.query);
      updates.push(...(held ?? [update]));
    }
    return updates.length > 0 ? { ...message, updates } : null;
  }

  private answered(message: Extract<HostMessage, { type: 'answer' }>): HostMessage | null {
    const open = this.open.get(message.call);
    this.questions.delete(message.call);
    if (!open) return message;
    const refused = message.error !== null || message.mutationId === null;
    if (refused) this.done(message.call, false);
    const first = open.id;
    if (first === null) {
      open.id = message.mutationId;
      return message;
    }
    if (!refused) {
      if (idText(message.mutationId!) !== idText(first)) this.aliases.set(idText(message.mutationId!), first);
      return null;
    }
    // Its effect was shown, so that the refusal comes as the server's would.
    const mutator = open.message.type === 'mutate' ? new ArchiveReader(open.message.bytes).text() : '';
    const verdict = { outcome: 'rejected', version: 0, error: message.error, conflicts: [], result: {} } as const;
    return { type: 'settled', settled: { mutationId: first, mutator, verdict } };
  }

  private settled(message: Extract<HostMessage, { type: 'settled' }>): HostMessage {
    const id = idText(message.settled.mutationId);
    const mutationId = this.aliases.get(id) ?? message.settled.mutationId;
    this.aliases.delete(id);
    for (const [call, open] of this.open) {
      if (open.id && idText(open.id) === idText(mutationId)) this.done(call, true);
    }
    return { ...message, settled: { ...message.settled, mutationId } };
  }
}

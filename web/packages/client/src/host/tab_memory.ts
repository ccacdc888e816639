// What a tab has asked of its host and must ask again of the next one, when the tab that led is gone (SEMANTICS 23). Every
// message passes through here, in both directions, so that Database never notices that its host is another one.
//
// Invariant: a mutation is remembered until the host says that it is stored, or settled. A mutation that is asked for again
// carries the same origin: a host that finds it in the outbox does not run it a second time. One that the lost host accepted and
// never stored gets a new id there; the application goes on knowing the first, and only the server may refuse it now: what it
// refuses is kept, with its arguments. Of an undo that is so of the change that it became. What a query showed stays until the next
// host has something to show: its updates are held back as long as it is only loading. Changes and what was done to drafts are asked for
// in the order in which they were: of two changes of one field the later one stays the last.
import { ArchiveReader } from '../archive.ts';
import { DraftAction } from '../draft.ts';
import { DraftLog, type DraftMessage, type Placed } from './draft_log.ts';
import { DraftMemory } from './draft_memory.ts';
import type { HostMessage, QueryUpdate, RowWindow, TabMessage } from './messages.ts';
import { idText, type MutationId } from './wire.ts';

type Message<T extends TabMessage['type']> = Extract<TabMessage, { type: T }>;

interface OpenMutation extends Placed {
  message: Message<'mutate' | 'draft' | 'undo'>;
  /** As the application knows it; null while nobody has answered. */
  id: MutationId | null;
}

export class TabMemory {
  private readonly subscriptions = new Map<number, Message<'subscribe'>>();
  private readonly open = new Map<number, OpenMutation>();
  /** Answered at once by a host that lives. */
  private readonly questions = new Map<number, Message<'explain'>>();
  /**
   * What was done to each draft, with commits until they are stored, and its close behind those. The next host does it again;
   * what somebody else changed until then is a conflict there.
   */
  private readonly drafts = new Map<number, DraftLog>();
  private readonly news = new DraftMemory();
  /** What the application knows a mutation by that a later host numbered anew. */
  private readonly aliases = new Map<string, MutationId>();
  /** Queries that were asked for again, with what a host has said of each since. */
  private readonly quiet = new Map<number, QueryUpdate[]>();
  /** Refused mutations that are not wanted any more, until a host's list is without them. */
  private readonly discarded = new Map<string, Message<'discard'>>();
  private places = 0;
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
      case 'undo':
        return this.opened(message);
      case 'draft':
        return this.drafted(message.action === DraftAction.commit ? this.opened(message) : message);
      case 'discard':
        this.discarded.set(idText(message.id), message);
        break;
      case 'explain':
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
        for (const { draft, state } of drafts) this.drafts.get(draft)?.told(state);
        return drafts.length > 0 ? { type: 'drafts', drafts } : null;
      }
      case 'refused':
        return this.withoutDiscarded(message);
      default:
        return message;
    }
  }

  /** Everything that a host has to hear, in order; the one before, if there was one, is gone. */
  again(): TabMessage[] {
    const hello = this.asked ? { ...this.hello, again: true } : this.hello;
    if (this.asked) for (const query of this.subscriptions.keys()) this.quiet.set(query, []);
    this.asked = true;
    if (this.drafts.size > 0) this.news.asking();
    return [
      hello, ...(this.online ? [this.online] : []), ...this.subscriptions.values(), ...this.discarded.values(), ...this.changes(),
      ...(this.drafts.size > 0 ? [{ type: 'askedAgain' } as const] : []), ...this.questions.values(), ...(this.end ? [this.end] : []),
    ];
  }

  /** Commits are among what was done to their drafts. */
  private changes(): TabMessage[] {
    const mutations = [...this.open.values()].flatMap(({ place, message, id }): Placed[] => {
      if (message.type === 'draft') return [];
      // What could be taken back has gone with the host, but for what it has stored: the next one says so.
      if (message.type === 'undo') return [{ place, message }];
      return [{ place, message: id === null ? message : { ...message, accepted: true } }];
    });
    const drafts = [...this.drafts.values()].flatMap((draft) => draft.again());
    return [...mutations, ...drafts].sort((a, b) => a.place - b.place).map(({ message }) => message);
  }

  private opened<M extends Message<'mutate' | 'draft' | 'undo'>>(message: M): M {
    const marked = { ...message, origin: `${this.tab}:${message.call}` };
    this.open.set(message.call, { place: ++this.places, message: marked, id: null });
    return marked;
  }

  private drafted(message: DraftMessage): TabMessage {
    const { draft, action } = message;
    const log = this.drafts.get(draft) ?? new DraftLog();
    this.drafts.set(draft, log);
    log.add(++this.places, message);
    if (action === DraftAction.edit) this.news.opened(draft);
    if (action === DraftAction.close) {
      this.news.closed(draft);
      if (log.isOver) this.drafts.delete(draft);
    }
    return message;
  }

  /** Nobody has to be asked again. `made`: what a commit took from its draft is a change of its own now. */
  private done(call: number, made: boolean): void {
    const message = this.open.get(call)?.message;
    this.open.delete(call);
    const log = message?.type === 'draft' ? this.drafts.get(message.draft) : undefined;
    if (message?.type !== 'draft' || !log) return;
    log.settled(message, made);
    if (log.isOver) this.drafts.delete(message.draft);
  }

  /** A host that has not heard of it yet tells of it as before. */
  private withoutDiscarded(message: Extract<HostMessage, { type: 'refused' }>): HostMessage {
    const listed = new Set(message.refused.map(idText));
    for (const id of this.discarded.keys()) if (!listed.has(id)) this.discarded.delete(id);
    return { ...message, refused: message.refused.filter((each) => !this.discarded.has(idText(each))) };
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
    else if (open.message.type === 'draft') this.drafts.get(open.message.draft)?.took(open.message);
    else if (message.made) open.message = { type: 'mutate', call: message.call, bytes: message.made, origin: open.message.origin!, undo: true };
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

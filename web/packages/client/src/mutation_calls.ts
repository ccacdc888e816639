// The changes that one tab asked for: the host's answer and the server's word find whoever waits for them, in whichever order
// they come; once the engine has stopped nobody waits.
import { ArchiveReader } from './archive.ts';
import { schema } from './generated/schema.ts';
import type { HostMessage } from './host/messages.ts';
import {
  type Conflict, type EngineError, idText, type MutationId, type NamedChange, type Outcome, readChange,
} from './host/wire.ts';
import type { JsValue } from './value.ts';

/** The server's word on a mutation. */
export interface Settled {
  readonly mutationId: MutationId;
  readonly mutator: string;
  readonly outcome: Outcome;
  readonly version: number;
  readonly result: Readonly<Record<string, JsValue>>;
  readonly error: EngineError | null;
  readonly conflicts: readonly Conflict[];
  /** Made by this tab. */
  readonly own: boolean;
}

/** What is known before the server answers. */
export interface LocalAnswer {
  readonly mutationId: MutationId;
  /** false: the outcome depends on rows this browser does not hold; the server's answer decides. */
  readonly certain: boolean;
  readonly result: Readonly<Record<string, JsValue>>;
  /** Of an undo or redo: the change that it became, by its mutator and arguments. Else null. */
  readonly change: NamedChange | null;
}

export class MutationRefused extends Error {
  constructor(readonly engine: EngineError) {
    super(engine.message);
    this.name = 'MutationRefused';
  }
}

export interface MutationHandle {
  /** Resolves when the change shows; rejects with MutationRefused when the rules refuse it at once. */
  readonly local: Promise<LocalAnswer>;
  /**
   * Resolves with the server's word, also when it is a rejection or conflict. Rejects as `local` does, and where the engine fails
   * first; what waited for the server is sent after the reload.
   */
  readonly settled: Promise<Settled>;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

type Answer = Extract<HostMessage, { type: 'answer' }>;
type Judged = Extract<HostMessage, { type: 'settled' }>['settled'];

const REFUSED: EngineError = { code: 'internal', message: 'The change was refused.', fields: [] };
/** Verdicts that nobody has asked for yet. */
const EARLY_MAX = 100;

export class MutationCalls {
  private readonly unanswered = new Map<number, Waiter<LocalAnswer>>();
  /** Rapid edits of one field are one mutation, which several callers wait for. */
  private readonly unsettled = new Map<string, readonly Waiter<Settled>[]>();
  private readonly early = new Map<string, Settled>();
  private readonly own = new Set<string>();
  private failure: EngineError | null = null;

  /** `call`: the number under which the host is asked, after this. */
  start(call: number): MutationHandle {
    const local = new Promise<LocalAnswer>((resolve, reject) => {
      if (this.failure) reject(new MutationRefused(this.failure));
      else this.unanswered.set(call, { resolve, reject });
    });
    const settled = local.then((answer) => new Promise<Settled>((resolve, reject) => {
      const id = idText(answer.mutationId);
      const early = this.early.get(id);
      if (early) resolve(early);
      else if (this.failure) reject(new MutationRefused(this.failure));
      else this.unsettled.set(id, [...(this.unsettled.get(id) ?? []), { resolve, reject }]);
    }));
    // Whoever ignores one of the two promises must not get an unhandled rejection for it.
    local.catch(() => undefined);
    settled.catch(() => undefined);
    return { local, settled };
  }

  answered({ call, mutationId, error, certain, result, made }: Answer): void {
    const waiter = this.unanswered.get(call);
    this.unanswered.delete(call);
    if (error || !mutationId) {
      waiter?.reject(new MutationRefused(error ?? REFUSED));
      return;
    }
    this.own.add(idText(mutationId));
    const change = made ? readChange(schema, new ArchiveReader(made)) : null;
    waiter?.resolve({ mutationId, certain, result, change });
  }

  judged({ mutationId, mutator, verdict }: Judged): Settled {
    const id = idText(mutationId);
    const settled: Settled = { mutationId, mutator, ...verdict, own: this.own.delete(id) };
    const waiting = this.unsettled.get(id);
    this.unsettled.delete(id);
    if (waiting) for (const { resolve } of waiting) resolve(settled);
    else if (settled.own) this.remember(id, settled);
    return settled;
  }

  private remember(id: string, settled: Settled): void {
    this.early.set(id, settled);
    if (this.early.size > EARLY_MAX) this.early.delete(this.early.keys().next().value!);
  }

  /** Nothing is answered any more: whoever waits, or asks from now on, hears why. */
  end(why: EngineError): void {
    this.failure = why;
    const waiting = [...this.unanswered.values(), ...[...this.unsettled.values()].flat()];
    this.unanswered.clear();
    this.unsettled.clear();
    for (const { reject } of waiting) reject(new MutationRefused(why));
  }
}

// The frames of /sync by POST /api/sync (PROTOCOL.md, "By polling"). A request waits at the server until there is something to
// say; whatever is to be sent meanwhile goes with a second one, which the first gives way to. Where something on the way cuts
// requests that wait, the server is asked every few seconds instead.
//
// Both sides number their frames and repeat them until the other has named them: a request or an answer that fails is sent
// again, and nothing is lost or doubled.
import { ArchiveReader, ArchiveWriter, newId } from '../archive.ts';
import type { Carrier, TransportEvents, TransportSocket } from './transport.ts';

export interface PollTimes {
  /** How long a request may wait for something to say. */
  readonly longMs: number;
  /** The same where long requests are blocked: no longer than the server needs to answer what was just sent. */
  readonly shortMs: number;
  readonly everyMs: number;
  /** Until long requests are tried again. */
  readonly tryLongAfterMs: number;
  /** A request that got its answer after so long shows that long ones get through. */
  readonly provenAfterMs: number;
  /** A request that failed after so long was cut as it waited. */
  readonly cutAfterMs: number;
  /** For the answer, beyond the wait. */
  readonly patienceMs: number;
}
export const POLL_TIMES: PollTimes = {
  longMs: 25_000, shortMs: 1_000, everyMs: 5_000, tryLongAfterMs: 60_000, provenAfterMs: 10_000, cutAfterMs: 1_500, patienceMs: 10_000,
};

const BATCH_BYTES = 512 * 1024;
const FAILURES_MAX = 3;
const CUT_MAX = 2;
const RETRY_AFTER_MS = 500;

/** The connection is over, as the server says. */
class Refused extends Error {}

export class PollSocket implements TransportSocket {
  private readonly address: string;
  // Random in all but its date: it is a secret as long as the connection lives.
  private readonly session = newId();
  /** Of ours: what the server has not named yet, and the number of the first of them. */
  private unacknowledged: Uint8Array[] = [];
  private first = 1;
  /** Of the server's: the last that came. */
  private received = 0;
  private requests = 0;
  private answered = false;
  private failures = 0;
  private cuts = 0;
  /** Long requests are blocked until then; 0: they are not. */
  private shortUntil = 0;
  private asked = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private latest: AbortController | null = null;
  private over = false;

  constructor(url: string, private readonly events: TransportEvents, private readonly times: PollTimes = POLL_TIMES) {
    this.address = new URL('/api/sync', url).href;
    queueMicrotask(() => {
      if (this.over) return;
      this.tell(null);
      events.opened();
    });
  }

  send(frame: Uint8Array): void {
    if (this.over) return;
    this.unacknowledged.push(frame);
    this.ask();
  }

  refresh(): void {
    this.ask();
  }

  close(): void {
    if (this.over) return;
    this.end();
    if (!this.answered) return;
    void this.post(this.body(0, true), new AbortController().signal).catch(() => undefined);
  }

  private end(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.latest?.abort();
  }

  private lost(): void {
    if (this.over) return;
    this.end();
    this.events.closed();
  }

  private tell(refreshSeconds: Carrier['refreshSeconds']): void {
    this.events.carried({ transport: 'poll', refreshSeconds });
  }

  /** With all that this turn still has to send. */
  private ask(): void {
    if (this.asked || this.over) return;
    this.asked = true;
    clearTimeout(this.timer);
    queueMicrotask(() => {
      this.asked = false;
      if (!this.over) void this.request();
    });
  }

  private body(waitMs: number, ended: boolean): Uint8Array {
    let bytes = 0;
    const batch = this.unacknowledged.filter((frame, i) => (bytes += frame.length) <= BATCH_BYTES || i === 0);
    const out = new ArchiveWriter().id(this.session).u64(this.received).bool(ended).u32(waitMs).u64(this.first);
    return out.list(batch, (frame) => out.bytes(frame)).finish();
  }

  private async post(body: Uint8Array, signal: AbortSignal): Promise<ArrayBuffer> {
    const response = await fetch(this.address, {
      method: 'POST', body: body as Uint8Array<ArrayBuffer>, signal, cache: 'no-store', credentials: 'omit',
      headers: { 'content-type': 'application/octet-stream' },
    });
    if (response.status >= 400 && response.status < 500) throw new Refused(String(response.status));
    if (!response.ok) throw new Error(String(response.status));
    return response.arrayBuffer();
  }

  private async request(): Promise<void> {
    const number = ++this.requests;
    const began = Date.now();
    // After a failure only an answer counts, whatever it says.
    const long = this.failures === 0 && began >= this.shortUntil && this.answered;
    const waitMs = long ? this.times.longMs : this.times.shortMs;
    const control = new AbortController();
    this.latest = control;
    const patience = setTimeout(() => control.abort(), waitMs + this.times.patienceMs);
    try {
      const answer = await this.post(this.body(waitMs, false), control.signal);
      if (!this.over) this.take(answer, number, long ? Date.now() - began : 0);
    } catch (error) {
      if (error instanceof Refused) this.lost();
      // A request that another one has followed is not missed.
      else if (!this.over && number === this.requests) this.failed(long ? Date.now() - began : 0);
    } finally {
      clearTimeout(patience);
    }
  }

  private take(answer: ArrayBuffer, number: number, waitedMs: number): void {
    const input = new ArchiveReader(new Uint8Array(answer));
    const acknowledged = input.u64() + 1 - this.first;
    const ended = input.bool();
    const known = this.received + 1 - input.u64();
    if (known < 0) return this.lost();
    const frames = input.list(() => input.bytes()).slice(known);
    this.answered = true;
    if (acknowledged > 0) {
      this.unacknowledged.splice(0, acknowledged);
      this.first += acknowledged;
    }
    this.received += frames.length;
    if (number === this.requests) this.failures = 0;
    if (waitedMs >= this.times.provenAfterMs) this.proven();
    for (const frame of frames) {
      if (!this.over) this.events.received(frame);
    }
    if (ended) this.lost();
    if (this.over || number !== this.requests) return;
    const short = Date.now() < this.shortUntil;
    if (!short || frames.length > 0 || this.unacknowledged.length > 0) this.ask();
    else this.timer = setTimeout(() => this.ask(), this.times.everyMs);
  }

  /** A long request got its answer. */
  private proven(): void {
    this.cuts = 0;
    if (this.shortUntil === 0) return;
    this.shortUntil = 0;
    this.tell(null);
  }

  private failed(waitedMs: number): void {
    if (++this.failures >= FAILURES_MAX || !this.answered) return this.lost();
    if (waitedMs >= this.times.cutAfterMs && ++this.cuts >= CUT_MAX) {
      const known = this.shortUntil !== 0;
      this.shortUntil = Date.now() + this.times.tryLongAfterMs;
      if (!known) this.tell(Math.round(this.times.everyMs / 1000));
    }
    if (this.failures === 1) this.ask();
    else this.timer = setTimeout(() => this.ask(), RETRY_AFTER_MS);
  }
}

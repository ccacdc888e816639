// A WebSocket where one works, else requests (SEMANTICS 26): after a few WebSockets in a row that did not open, or opened and
// carried nothing, the next connection that finds none goes by polling, if the server answers requests. From then on a
// WebSocket is tried from time to time; when one opens, the connection moves over to it.
import { PollSocket, type PollTimes, POLL_TIMES } from './poll_transport.ts';
import { BY_WEBSOCKET, openWebSocket, overWebSocket, type Transport, type TransportEvents, type TransportSocket } from './transport.ts';

export interface FallbackTimes extends PollTimes {
  /**
   * For a WebSocket to open and to bring the server's first word, once another has not; the first one is given up by the core, which
   * waits longer. One that is given up later than this has failed; sooner, it was not wanted any more.
   */
  readonly workWithinMs: number;
  /** The first try is soon: a server that just started may have refused the WebSocket and taken the request. */
  readonly firstTryAfterMs: number;
  readonly tryAgainAfterMs: number;
  /** Where WebSockets open and carry nothing: whoever moves over to one waits for workWithinMs in vain. */
  readonly tryMuteAgainAfterMs: number;
}
export const TIMES: FallbackTimes = { ...POLL_TIMES, workWithinMs: 4_000, firstTryAfterMs: 2_000, tryAgainAfterMs: 60_000, tryMuteAgainAfterMs: 300_000 };

const FAILURES_BEFORE_POLLING = 2;

/** What outlives a connection. */
interface Known {
  /** WebSockets in a row that did not work. */
  failures: number;
  /** The last of them had opened. */
  mute: boolean;
  /** One that opened while the server was polled. */
  spare: WebSocket | null;
}

export function fallbackTransport(url: string, times: FallbackTimes = TIMES): Transport {
  const known: Known = { failures: 0, mute: false, spare: null };
  return (events) => new FallbackSocket(url, events, times, known);
}

class FallbackSocket implements TransportSocket {
  private carrier: TransportSocket;
  private over = false;
  private probe: WebSocket | null = null;
  private polling = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly since = Date.now();
  /** By WebSocket, before it has worked. */
  private unproven = false;
  private opened = false;

  constructor(private readonly url: string, private readonly events: TransportEvents, private readonly times: FallbackTimes, private readonly known: Known) {
    const spare = known.spare;
    known.spare = null;
    if (known.mute && known.failures >= FAILURES_BEFORE_POLLING) this.carrier = this.poll();
    else this.carrier = this.byWebSocket(spare?.readyState === WebSocket.OPEN ? spare : openWebSocket(url));
  }

  send(frame: Uint8Array): void {
    this.carrier.send(frame);
  }
  close(): void {
    if (this.unproven && Math.abs(Date.now() - this.since) >= this.times.workWithinMs) this.failed();
    this.end();
    this.carrier.close();
  }
  private failed(): void {
    this.unproven = false;
    this.known.failures++;
    this.known.mute = this.opened;
  }
  refresh(): void {
    this.carrier.refresh?.();
    if (this.polling) this.tryWebSocket();
  }

  private end(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.probe?.close();
  }

  private byWebSocket(socket: WebSocket): TransportSocket {
    const { known } = this;
    this.unproven = true;
    let lost = false;
    const lose = (): void => {
      if (this.over || lost) return;
      lost = true;
      clearTimeout(this.timer);
      if (this.unproven) this.failed();
      // Of one that opened the core knows: the next connection is another one.
      if (!this.opened && known.failures >= FAILURES_BEFORE_POLLING) return void (this.carrier = this.poll());
      this.end();
      this.events.closed();
    };
    if (known.failures > 0) {
      this.timer = setTimeout(() => {
        socket.close();
        // One that carries nothing does not carry its end either.
        lose();
      }, this.times.workWithinMs);
    }
    return overWebSocket(socket, {
      opened: () => {
        if (this.over || lost) return;
        this.opened = true;
        this.events.carried(BY_WEBSOCKET);
        this.events.opened();
      },
      received: (frame) => {
        if (this.over || lost) return;
        if (this.unproven) {
          this.unproven = false;
          clearTimeout(this.timer);
          known.failures = 0;
          known.mute = false;
        }
        this.events.received(frame);
      },
      closed: lose,
    });
  }

  private poll(): TransportSocket {
    this.polling = true;
    const socket = new PollSocket(this.url, {
      ...this.events,
      closed: () => {
        this.end();
        this.events.closed();
      },
    }, this.times);
    this.timer = setTimeout(() => this.tryWebSocket(), this.known.mute ? this.times.tryMuteAgainAfterMs : this.times.firstTryAfterMs);
    return socket;
  }

  private tryWebSocket(): void {
    if (this.probe) return;
    clearTimeout(this.timer);
    const probe = openWebSocket(this.url);
    this.probe = probe;
    probe.onopen = () => {
      if (this.over) return;
      this.probe = null;
      // It has not shown yet that it carries anything: one more failure, and the server is polled again.
      this.known.failures = FAILURES_BEFORE_POLLING - 1;
      this.known.spare = probe;
      this.end();
      this.carrier.close();
      this.events.moved();
    };
    probe.onclose = probe.onerror = () => {
      if (this.over || this.probe !== probe) return;
      this.probe = null;
      this.timer = setTimeout(() => this.tryWebSocket(), this.times.tryAgainAfterMs);
    };
  }
}

// A WebSocket where one opens, else requests (SEMANTICS 26): after a few WebSockets in a row that did not open, the next
// connection that finds none goes by polling, if the server answers requests. From then on a WebSocket is tried from time to
// time; when one opens, the connection moves over to it.
import { PollSocket, type PollTimes, POLL_TIMES } from './poll_transport.ts';
import { BY_WEBSOCKET, openWebSocket, overWebSocket, type Transport, type TransportEvents, type TransportSocket } from './transport.ts';

export interface FallbackTimes extends PollTimes {
  /** For a WebSocket to open, once others have not. */
  readonly openWithinMs: number;
  /** The first try is soon: a server that just started may have refused the WebSocket and taken the request. */
  readonly firstTryAfterMs: number;
  readonly tryAgainAfterMs: number;
}
const TIMES: FallbackTimes = { ...POLL_TIMES, openWithinMs: 4_000, firstTryAfterMs: 2_000, tryAgainAfterMs: 60_000 };

const FAILURES_BEFORE_POLLING = 2;

/** What outlives a connection. */
interface Known {
  /** WebSockets in a row that did not open. */
  failures: number;
  /** One that opened while the server was polled. */
  spare: WebSocket | null;
}

export function fallbackTransport(url: string, times: FallbackTimes = TIMES): Transport {
  const known: Known = { failures: 0, spare: null };
  return (events) => new FallbackSocket(url, events, times, known);
}

class FallbackSocket implements TransportSocket {
  private carrier: TransportSocket;
  private over = false;
  private probe: WebSocket | null = null;
  private polling = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly url: string, private readonly events: TransportEvents, private readonly times: FallbackTimes, private readonly known: Known) {
    const spare = known.spare;
    known.spare = null;
    this.carrier = this.byWebSocket(spare?.readyState === WebSocket.OPEN ? spare : openWebSocket(url));
  }

  send(frame: Uint8Array): void {
    this.carrier.send(frame);
  }
  close(): void {
    this.end();
    this.carrier.close();
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
    let open = false;
    if (this.known.failures >= FAILURES_BEFORE_POLLING - 1) this.timer = setTimeout(() => socket.close(), this.times.openWithinMs);
    return overWebSocket(socket, {
      opened: () => {
        open = true;
        clearTimeout(this.timer);
        this.known.failures = 0;
        if (this.over) return;
        this.events.carried(BY_WEBSOCKET);
        this.events.opened();
      },
      received: (frame) => this.events.received(frame),
      closed: () => {
        clearTimeout(this.timer);
        if (!open) this.known.failures++;
        if (this.over) return;
        if (!open && this.known.failures >= FAILURES_BEFORE_POLLING) return this.poll();
        this.end();
        this.events.closed();
      },
    });
  }

  private poll(): void {
    this.polling = true;
    this.carrier = new PollSocket(this.url, {
      ...this.events,
      closed: () => {
        this.end();
        this.events.closed();
      },
    }, this.times);
    this.timer = setTimeout(() => this.tryWebSocket(), this.times.firstTryAfterMs);
  }

  private tryWebSocket(): void {
    if (this.probe) return;
    clearTimeout(this.timer);
    const probe = openWebSocket(this.url);
    this.probe = probe;
    probe.onopen = () => {
      if (this.over) return;
      this.probe = null;
      this.known.failures = 0;
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

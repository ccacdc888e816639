// How frames reach the server: a WebSocket in every browser, and requests where WebSockets are blocked (fallback_transport.ts);
// whatever an embedding gives to connect() elsewhere (tests, benchmarks, an application that brings the bytes itself).

/** What carries the frames. */
export interface Carrier {
  readonly transport: 'websocket' | 'poll';
  /** Where long requests are blocked too: so often the server is asked. null: changes come as they happen. */
  readonly refreshSeconds: number | null;
}
export const BY_WEBSOCKET: Carrier = { transport: 'websocket', refreshSeconds: null };

/** What the core hears of a connection. After `closed` or `moved`, or after it was closed from this side, nothing more. */
export interface TransportEvents {
  opened(): void;
  received(frame: Uint8Array): void;
  closed(): void;
  /** Before `opened`, and when it changes. Not said: it is a WebSocket. */
  carried(by: Carrier): void;
  /** A better way is open: this connection is over, and the next one opens at once. */
  moved(): void;
}
export interface TransportSocket {
  send(frame: Uint8Array): void;
  close(): void;
  /** Where the server is asked from time to time: asks now. */
  refresh?(): void;
}
/** Opens a connection. No event before this returned. */
export type Transport = (events: TransportEvents) => TransportSocket;

const SUBPROTOCOL = 'syncline.sync.v1';

export function openWebSocket(url: string): WebSocket {
  const socketUrl = new URL('/sync', url);
  socketUrl.protocol = socketUrl.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(socketUrl.href, SUBPROTOCOL);
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** A WebSocket as a connection, one that is open already as well. */
export function overWebSocket(socket: WebSocket, events: Pick<TransportEvents, 'opened' | 'received' | 'closed'>): TransportSocket {
  if (socket.readyState === WebSocket.OPEN) queueMicrotask(() => events.opened());
  else socket.onopen = () => events.opened();
  socket.onmessage = (event: MessageEvent<ArrayBuffer>) => events.received(new Uint8Array(event.data));
  // An error ends a WebSocket; not everywhere a close follows it.
  let over = false;
  socket.onclose = socket.onerror = () => {
    if (!over) events.closed();
    over = true;
  };
  return {
    send: (frame) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>);
    },
    close: () => socket.close(1000),
  };
}

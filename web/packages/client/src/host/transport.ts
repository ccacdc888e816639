// How frames reach the server: a WebSocket in every browser; whatever an embedding gives to connect() elsewhere (tests,
// benchmarks, an application that brings the bytes itself).

/** What the core hears of a connection. After `closed`, or after the socket was closed from this side, nothing more. */
export interface TransportEvents {
  opened(): void;
  received(frame: Uint8Array): void;
  closed(): void;
}
export interface TransportSocket {
  send(frame: Uint8Array): void;
  close(): void;
}
/** Opens a connection. No event before this returned. */
export type Transport = (events: TransportEvents) => TransportSocket;

const SUBPROTOCOL = 'syncline.sync.v1';

export function webSocketTransport(url: string): Transport {
  const socketUrl = new URL('/sync', url);
  socketUrl.protocol = socketUrl.protocol === 'https:' ? 'wss:' : 'ws:';
  return (events) => {
    const socket = new WebSocket(socketUrl.href, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.opened();
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => events.received(new Uint8Array(event.data));
    socket.onclose = () => events.closed();
    return {
      send: (frame) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>);
      },
      close: () => socket.close(1000),
    };
  };
}

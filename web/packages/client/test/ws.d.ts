// What the tests use of npm ws.
declare module 'ws' {
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export interface WebSocket {
    on(event: 'message', listener: (bytes: Buffer) => void): void;
    send(bytes: Uint8Array): void;
  }
  export class WebSocketServer {
    constructor(options: { noServer: true; handleProtocols: (protocols: Set<string>) => string | false });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, accept: (socket: WebSocket) => void): void;
  }
}

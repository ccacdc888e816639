// The other end of Syncline's protocol, as far as a benchmark needs it: it greets, counts what is asked for and answers pings.
import { pong, welcome } from './frames.ts';

export const BENCH_USER = '00000000-0000-7000-8000-0000000000aa';
/** Kinds of frames towards the server (PROTOCOL.md). */
const Sent = { hello: 0, subscribe: 2, push: 4, ping: 5 } as const;
const HELLO_CLIENT_AT = 1 + 4 + 8;

export class FakeServer {
  readonly subscriptions: number[] = [];
  client = new Uint8Array(16);
  pushes = 0;
  private write: (frame: Uint8Array) => void = () => undefined;
  private readonly waiting: { readonly reached: () => boolean; readonly resolve: () => void }[] = [];

  /** Where frames go from now on. */
  attach(write: (frame: Uint8Array) => void): void {
    this.write = write;
  }
  send(frame: Uint8Array): void {
    this.write(frame);
  }
  heard(frame: Uint8Array): void {
    switch (frame[0]) {
      case Sent.hello:
        this.client = frame.slice(HELLO_CLIENT_AT, HELLO_CLIENT_AT + 16);
        queueMicrotask(() => this.send(welcome(BENCH_USER)));
        break;
      case Sent.subscribe:
        this.subscriptions.push(new DataView(frame.buffer, frame.byteOffset).getUint32(1, true));
        break;
      case Sent.push:
        this.pushes++;
        break;
      case Sent.ping:
        queueMicrotask(() => this.send(pong(frame)));
    }
    for (const each of this.waiting.splice(0)) {
      if (each.reached()) each.resolve();
      else this.waiting.push(each);
    }
  }
  subscribed(count: number): Promise<void> {
    return this.until(() => this.subscriptions.length === count);
  }
  pushed(count: number): Promise<void> {
    return this.until(() => this.pushes >= count);
  }
  private until(reached: () => boolean): Promise<void> {
    if (reached()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ reached, resolve }));
  }
}

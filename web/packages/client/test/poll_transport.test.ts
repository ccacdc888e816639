// Polling against a server that keeps to PROTOCOL.md, over a network that does not: requests and answers are lost, cut, late.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type WebSocket as Accepted, WebSocketServer } from 'ws';
import { ArchiveReader, ArchiveWriter, newId } from '../src/archive.ts';
import { fallbackTransport, type FallbackTimes, TIMES } from '../src/host/fallback_transport.ts';
import { POLL_TIMES, PollSocket, type PollTimes } from '../src/host/poll_transport.ts';
import type { Carrier, TransportEvents } from '../src/host/transport.ts';
import { Command, Output, WasmCore } from '../src/host/wasm_core.ts';

const FAST: PollTimes = { ...POLL_TIMES, longMs: 400, shortMs: 20, everyMs: 60, tryLongAfterMs: 500, provenAfterMs: 300, cutAfterMs: 40, patienceMs: 2_000 };

/** One polled connection as the server keeps it: answers each frame with itself, doubled. */
class PolledServer {
  readonly received: number[] = [];
  readonly waits: number[] = [];
  said: Uint8Array[] = [];
  acknowledged = 0;
  ended = false;
  status = 200;
  /** What happens to a request that came, and to its answer. */
  fault: () => 'none' | 'request lost' | 'answer lost' | 'answer cut' = () => 'none';
  cutsWaitsAfterMs = Infinity;
  private readonly http: Server;
  private give: (() => void) | null = null;

  constructor() {
    this.http = createServer((request, response) => void this.serve(request, response));
  }
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }
  async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
  /** WebSockets open from now on. */
  upgrade(accept: (socket: Accepted) => void): void {
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false });
    this.http.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, accept));
  }
  /** They are taken, and never answered. */
  swallow(sockets: Duplex[]): void {
    this.http.on('upgrade', (_, socket) => sockets.push(socket));
  }
  say(...bytes: readonly number[]): void {
    this.said.push(Uint8Array.from(bytes));
    this.give?.();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(403).end();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const fault = this.fault();
    if (fault === 'request lost') return void request.socket.destroy();
    const input = new ArchiveReader(Buffer.concat(parts));
    input.id();
    const acknowledged = input.u64();
    const ended = input.bool();
    const waitMs = input.u32();
    const first = input.u64();
    const frames = input.list(() => input.bytes()[0]!);
    this.waits.push(waitMs);
    this.give?.();
    this.acknowledged = Math.max(this.acknowledged, acknowledged);
    for (const frame of frames.slice(this.received.length + 1 - first)) {
      this.received.push(frame);
      this.say(frame, frame);
    }
    if (ended) this.ended = true;
    const cut = waitMs > this.cutsWaitsAfterMs;
    await this.news(cut ? this.cutsWaitsAfterMs : waitMs);
    const unheard = this.said.slice(this.acknowledged);
    if (fault === 'answer lost' || (cut && unheard.length === 0)) return void request.socket.destroy();
    const out = new ArchiveWriter().u64(this.received.length).bool(false).u64(this.acknowledged + 1);
    const body = out.list(unheard, (bytes) => out.bytes(bytes)).finish();
    response.writeHead(this.status, { 'content-length': body.length });
    if (fault !== 'answer cut') return void response.end(body);
    response.write(body.subarray(0, body.length - 1), () => request.socket.destroy());
  }
  private async news(waitMs: number): Promise<void> {
    if (this.said.length > this.acknowledged || this.ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.give = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

class Heard implements TransportEvents {
  readonly log: string[] = [];
  readonly frames: number[] = [];
  carrier: Carrier | null = null;
  opened(): void {
    this.log.push('opened');
  }
  received(frame: Uint8Array): void {
    expect(frame).toEqual(Uint8Array.of(frame[0]!, frame[0]!));
    this.frames.push(frame[0]!);
  }
  closed(): void {
    this.log.push('closed');
  }
  carried(by: Carrier): void {
    this.carrier = by;
    this.log.push(`${by.transport} ${by.refreshSeconds ?? 'live'}`);
  }
  moved(): void {
    this.log.push('moved');
  }
}

let server: PolledServer;
let url: string;
let heard: Heard;
beforeEach(async () => {
  server = new PolledServer();
  url = await server.listen();
  heard = new Heard();
});
afterEach(() => server.stop());

const soon = (check: () => void): Promise<void> => vi.waitFor(check, 15_000);
const listening = (events: Heard): TransportEvents => ({
  opened: () => events.opened(), received: (frame) => events.received(frame), closed: () => events.closed(),
  carried: (by) => events.carried(by), moved: () => events.moved(),
});
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

it('carries frames both ways, and waits at the server when there is nothing to say', async () => {
  const socket = new PollSocket(url, listening(heard), FAST);
  await soon(() => expect(heard.log).toEqual(['poll live', 'opened']));
  socket.send(Uint8Array.of(1));
  socket.send(Uint8Array.of(2));
  await soon(() => expect(heard.frames).toEqual([1, 2]));
  await soon(() => expect(server.waits).toContain(FAST.longMs));
  server.say(9, 9);
  await soon(() => expect(heard.frames).toEqual([1, 2, 9]));
  socket.send(Uint8Array.of(3));
  await soon(() => expect(server.received).toEqual([1, 2, 3]));
  socket.close();
  await soon(() => expect(server.ended).toBe(true));
  expect(heard.log).not.toContain('closed');
});

it.each(['request lost', 'answer lost', 'answer cut'] as const)('%s: nothing is lost and nothing doubled', async (fault) => {
  let turn = 0;
  server.fault = () => (turn++ % 3 === 1 ? fault : 'none');
  const socket = new PollSocket(url, listening(heard), FAST);
  for (const number of numbers(20)) {
    socket.send(Uint8Array.of(number));
    await soon(() => expect(server.received).toContain(number));
  }
  await soon(() => expect(heard.frames).toEqual(numbers(20)));
  expect(server.received).toEqual(numbers(20));
  expect(heard.log).not.toContain('closed');
  socket.close();
}, 30_000);

it('where waiting requests are cut it asks from time to time and says so, until they are not', async () => {
  server.cutsWaitsAfterMs = 50;
  const socket = new PollSocket(url, listening(heard), FAST);
  socket.send(Uint8Array.of(1));
  await soon(() => expect(heard.log).toContain('poll 0'));
  server.say(7, 7);
  await soon(() => expect(heard.frames).toEqual([1, 7]));
  socket.send(Uint8Array.of(2));
  await soon(() => expect(heard.frames).toEqual([1, 7, 2]));
  server.cutsWaitsAfterMs = Infinity;
  await soon(() => expect(heard.carrier?.refreshSeconds).toBeNull());
  expect(heard.log).not.toContain('closed');
  socket.close();
}, 30_000);

it('refresh asks at once', async () => {
  server.cutsWaitsAfterMs = 50;
  const socket = new PollSocket(url, listening(heard), { ...FAST, everyMs: 3_600_000, tryLongAfterMs: 3_600_000 });
  socket.send(Uint8Array.of(1));
  await soon(() => expect(heard.carrier?.refreshSeconds).toBe(3_600));
  await soon(() => expect(server.waits.at(-1)).toBe(FAST.shortMs));
  const asked = server.waits.length;
  server.say(8, 8);
  await soon(() => {
    socket.refresh();
    expect(heard.frames).toEqual([1, 8]);
  });
  expect(server.waits.length).toBeGreaterThan(asked);
  socket.close();
}, 30_000);

it('is closed when the server knows it no more, or is not there', async () => {
  const socket = new PollSocket(url, listening(heard), FAST);
  socket.send(Uint8Array.of(1));
  await soon(() => expect(heard.frames).toEqual([1]));
  server.status = 404;
  await soon(() => expect(heard.log).toContain('closed'));
  const nobody = new Heard();
  new PollSocket('http://127.0.0.1:9', listening(nobody), FAST).send(Uint8Array.of(1));
  await soon(() => expect(nobody.log).toEqual(['poll live', 'opened', 'closed']));
});

it('polls only after WebSockets in a row did not open', async () => {
  const times: FallbackTimes = { ...FAST, workWithinMs: 1_000, firstTryAfterMs: 50, tryAgainAfterMs: 50, tryMuteAgainAfterMs: 50 };
  const transport = fallbackTransport(url, times);
  transport(listening(heard));
  await soon(() => expect(heard.log).toEqual(['closed']));
  const second = new Heard();
  const socket = transport(listening(second));
  await soon(() => expect(second.log).toEqual(['poll live', 'opened']));
  socket.send(Uint8Array.of(1));
  await soon(() => expect(second.frames).toEqual([1]));
  socket.close();
});

it('polls where WebSockets open and carry nothing, and moves over to one that does', async () => {
  const times: FallbackTimes = { ...FAST, workWithinMs: 100, firstTryAfterMs: 30, tryAgainAfterMs: 30, tryMuteAgainAfterMs: 500 };
  const transport = fallbackTransport(url, times);
  let isMute = true;
  server.upgrade((socket) => socket.on('message', (bytes: Buffer) => {
    if (!isMute) socket.send(Uint8Array.of(bytes[0]!, bytes[0]!));
  }));
  const connect = (): [Heard, ReturnType<typeof transport>] => {
    const events = new Heard();
    return [events, transport(listening(events))];
  };
  // The core gives the first one up.
  const [first, given] = connect();
  await soon(() => expect(first.log).toEqual(['websocket live', 'opened']));
  await new Promise((resolve) => setTimeout(resolve, 2 * times.workWithinMs));
  given.close();
  const [second] = connect();
  await soon(() => expect(second.log).toEqual(['websocket live', 'opened', 'closed']));
  const [third, polled] = connect();
  await soon(() => expect(third.log).toEqual(['poll live', 'opened']));
  polled.send(Uint8Array.of(1));
  await soon(() => expect(third.frames).toEqual([1]));
  await soon(() => expect(third.log).toContain('moved'));
  // It opened, as the others did.
  const [fourth] = connect();
  await soon(() => expect(fourth.log).toEqual(['websocket live', 'opened', 'closed']));
  const [fifth] = connect();
  await soon(() => expect(fifth.log.slice(0, 2)).toEqual(['poll live', 'opened']));
  isMute = false;
  await soon(() => expect(fifth.log).toContain('moved'));
  const [last, socket] = connect();
  await soon(() => expect(last.log).toEqual(['websocket live', 'opened']));
  socket.send(Uint8Array.of(2));
  await soon(() => expect(last.frames).toEqual([2]));
  await new Promise((resolve) => setTimeout(resolve, 2 * times.workWithinMs));
  expect(last.log, 'it works, and stays').toEqual(['websocket live', 'opened']);
  socket.close();
});

it('polls where WebSockets neither open nor fail', async () => {
  const transport = fallbackTransport(url, { ...FAST, workWithinMs: 100, firstTryAfterMs: 10_000, tryAgainAfterMs: 10_000, tryMuteAgainAfterMs: 10_000 });
  const swallowed: Duplex[] = [];
  server.swallow(swallowed);
  // One that is closed at once was not wanted any more: by somebody who went offline, or signed out.
  transport(listening(heard)).close();
  transport(listening(heard)).close();
  const first = transport(listening(heard));
  await soon(() => expect(swallowed.length).toBeGreaterThan(0));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(heard.log, 'it is the core that gives the first one up').toEqual([]);
  first.close();
  const second = new Heard();
  const socket = transport(listening(second));
  await soon(() => expect(second.log).toEqual(['poll live', 'opened']));
  socket.send(Uint8Array.of(1));
  await soon(() => expect(second.frames).toEqual([1]));
  socket.close();
  for (const each of swallowed) each.destroy();
});

it('gives WebSockets up before the core does, from the second on', async () => {
  const core = await WasmCore.load(readFileSync(new URL('../../../app/public/syncline.wasm', import.meta.url)));
  core.send(Command.create, 0, (out) => out.id(newId()).u64(1n).id(newId()).u8(0));
  core.send(Command.setToken, 0, (out) => out.text('token'));
  const kinds: number[] = [];
  for (let message = core.poll(); message; message = core.poll()) kinds.push(message.u8());
  expect(kinds).toContain(Output.connect);
  expect(core.nextTimeout, 'when it gives up what has not opened').toBeGreaterThan(TIMES.workWithinMs);
});

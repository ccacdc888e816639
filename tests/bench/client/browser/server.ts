// Serves the page, and plays Syncline's server over real WebSockets: the page says when which frame shall come.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { cases } from '../cases/index.ts';
import { FakeServer } from '../fake_server.ts';
import { rejection } from '../frames.ts';
import { encodeJson } from '../json_wire.ts';
import { ServerModel } from '../server_model.ts';
import type { Workload } from '../types.ts';
import { type Ask, countOf, type Expected, Frame, type RunSpec, subscriptionsOf } from './wire.ts';

/** What is used of npm ws. */
interface WsSocket {
  on(event: 'message', listener: (data: Buffer) => void): void;
  send(data: Uint8Array | string): void;
  close(): void;
}
interface WsServer {
  handleUpgrade(request: unknown, socket: unknown, head: unknown, done: (socket: WsSocket) => void): void;
}
// Seen from the bundle, which lies in build/bench.
const require = createRequire(new URL('../../web/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const PAGE = '<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="/page.js"></script>';

/** One page's run. */
class Run {
  private readonly workload: Workload;
  private readonly sync: FakeServer;
  private initial: readonly (Uint8Array | string)[] = [];
  private frames: readonly (Uint8Array | string)[] = [];

  constructor(private readonly spec: RunSpec, private readonly control: WsSocket) {
    this.workload = cases.find(({ name }) => name === spec.test)!.make(spec);
    this.sync = new FakeServer();
  }
  attach(socket: WsSocket): void {
    this.sync.attach((frame) => socket.send(frame));
    socket.on('message', (data) => this.sync.heard(new Uint8Array(data)));
  }
  async encode(expected: Expected): Promise<void> {
    if (this.spec.syncline) {
      await this.sync.subscribed(countOf(expected));
      const model = new ServerModel(this.workload, subscriptionsOf(this.sync.subscriptions, expected));
      this.initial = model.initial();
      this.frames = this.workload.optimistic ? [] : this.workload.ops.map((op) => model.frame(op));
    } else {
      const { initial, frames } = encodeJson(this.workload);
      this.initial = [Frame.load + initial];
      this.frames = frames.map((text, i) => `${Frame.apply}${i} ${text}`);
    }
    this.control.send(Frame.ready);
  }
  private send(frame: Uint8Array | string): void {
    if (typeof frame === 'string') this.control.send(frame);
    else this.sync.send(frame);
  }
  load(): void {
    for (const frame of this.initial) this.send(frame);
    this.initial = [];
  }
  apply(from: number, to: number): void {
    for (let i = from; i < to; i++) this.send(this.frames[i]!);
  }
  async reject(change: number, sequence: number): Promise<void> {
    if (!this.spec.syncline) return this.control.send(`${Frame.reject}${change} `);
    await this.sync.pushed(sequence);
    this.sync.send(rejection(1, this.sync.client, sequence));
  }
}

export interface BenchServer {
  readonly url: string;
  close(): void;
}

export async function serve(folder: string, wasm: string): Promise<BenchServer> {
  const { WebSocketServer } = require('ws') as { WebSocketServer: new (options: object) => WsServer };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 2 ** 30, perMessageDeflate: false });
  let run: Run | null = null;
  const server: Server = createServer((request, response) => {
    const path = normalize(new URL(request.url!, 'http://bench').pathname);
    // Isolated, so that the page's clock is as fine as Chromium gives it.
    const head = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
    try {
      const bytes = path === '/' ? PAGE : readFileSync(path === '/syncline.wasm' ? wasm : join(folder, path));
      response.writeHead(200, { ...head, 'Content-Type': TYPES[path === '/' ? '.html' : extname(path)] ?? 'text/plain' }).end(bytes);
    } catch {
      response.writeHead(404, head).end();
    }
  });
  const heard = (ask: Ask, control: WsSocket): void => {
    if (ask.type === 'open') run = new Run(ask.run, control);
    else if (ask.type === 'encode') void run!.encode(ask.expected);
    else if (ask.type === 'load') run!.load();
    else if (ask.type === 'apply') run!.apply(ask.from, ask.to);
    else void run!.reject(ask.change, ask.sequence);
    if (ask.type === 'open') control.send(Frame.ready);
  };
  server.on('upgrade', (request, socket, first) => {
    sockets.handleUpgrade(request, socket, first, (made) => {
      if (request.url === '/sync') run?.attach(made);
      else made.on('message', (data) => heard(JSON.parse(data.toString()) as Ask, made));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

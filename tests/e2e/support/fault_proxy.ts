// A TCP proxy between browser and server that misbehaves on command: holds answers back, cuts connections, leaves them half
// open, delays what they carry, refuses WebSockets, cuts answers short. The browser's own offline switch does not reach a
// SharedWorker; this does.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './server.ts';

interface Pair {
  readonly browser: Socket;
  readonly server: Socket;
}

export class FaultProxy {
  private readonly pairs = new Set<Pair>();
  private held: (() => void)[] | null = null;
  private readonly halves = new Set<() => void>();
  private refusing = false;
  private deaf = false;
  private lagMs = 0;
  private upgrades = true;
  private answerWithinMs = Infinity;
  private cutting: { readonly request: string; left: number; readonly done: () => void } | null = null;

  private constructor(
    readonly port: number,
    private readonly listener: Server,
  ) {}

  static async start(target: number): Promise<FaultProxy> {
    const port = await freePort();
    let proxy: FaultProxy;
    const listener = createServer((browser) => proxy.accept(browser, target));
    proxy = new FaultProxy(port, listener);
    await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private accept(browser: Socket, target: number): void {
    if (this.refusing) {
      browser.destroy();
      return;
    }
    const server = connect(target, '127.0.0.1');
    const pair = { browser, server };
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      browser.destroy();
      server.destroy();
    };
    // A connection that was half-open stays so: what it should have carried is lost.
    let dead = this.deaf;
    this.halves.add(() => (dead = true));
    const pass = (to: Socket, bytes: Buffer): void => {
      const write = () => {
        if (!dead) to.write(bytes);
      };
      if (this.lagMs > 0) setTimeout(write, this.lagMs);
      else write();
    };
    let asked = 0;
    let request = '';
    browser.on('data', (bytes) => {
      const head = bytes.toString('latin1', 0, 4096);
      if (!this.upgrades && /^upgrade: *websocket/im.test(head)) {
        browser.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        return;
      }
      asked = Date.now();
      if (/^[A-Z]+ \//.test(head)) request = head;
      if (this.answerWithinMs < Infinity) setTimeout(() => asked !== 0 && Date.now() - asked >= this.answerWithinMs && end(), this.answerWithinMs + 5);
      pass(server, bytes);
    });
    server.on('data', (bytes) => {
      asked = 0;
      if (this.cutting && request.startsWith(this.cutting.request) && bytes.length > this.cutting.left) {
        const { left, done } = this.cutting;
        this.cutting = null;
        browser.write(bytes.subarray(0, bytes.length - left), () => {
          end();
          done();
        });
        return;
      }
      if (this.held) this.held.push(() => pass(browser, bytes));
      else pass(browser, bytes);
    });
    for (const socket of [browser, server]) socket.on('close', end).on('error', end);
  }

  /** From now on nothing the server says reaches the browser, until release(). */
  hold(): void {
    this.held ??= [];
  }
  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const write of held) write();
  }
  /** Ends all connections; while refusing, new ones end at once too. */
  cut(refuse: boolean): void {
    this.refusing = refuse;
    for (const { browser, server } of [...this.pairs]) {
      browser.destroy();
      server.destroy();
    }
  }
  /** Connections stay open and carry nothing any more, as behind a router that forgot them; new ones are taken the same way. */
  halfOpen(): void {
    this.deaf = true;
    for (const end of this.halves) end();
    this.halves.clear();
  }
  /** Everything takes so much longer each way. */
  delay(ms: number): void {
    this.lagMs = ms;
  }
  /** WebSockets are refused with 403, as some companies' proxies do; those that are open are cut. */
  blockUpgrades(): void {
    this.upgrades = false;
    this.cut(false);
  }
  /** Connections whose answer does not begin in time are cut. */
  cutAnswersAfter(ms: number): void {
    this.answerWithinMs = ms;
  }
  /**
   * The next answer of more than `left` bytes to a request that begins with this text is cut short by so many bytes, and its
   * connection ends there. Resolves when that has happened.
   */
  cutNextAnswer(request: string, left: number): Promise<void> {
    return new Promise((done) => (this.cutting = { request, left, done }));
  }
  /** New connections are as good as any again. */
  restore(): void {
    this.refusing = false;
    this.deaf = false;
    this.lagMs = 0;
    this.upgrades = true;
    this.answerWithinMs = Infinity;
    this.cutting = null;
  }

  async stop(): Promise<void> {
    this.cut(true);
    await new Promise<void>((resolve) => this.listener.close(() => resolve()));
  }
}

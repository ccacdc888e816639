// The real server binary on a database of its own, as a test drives it: start, kill, start again.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const binary = process.env['SYNCLINE_BINARY'];
const web = process.env['SYNCLINE_WEB'];

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Resolves when `check` is true; fails with `what` after the deadline. */
export async function until(what: string, check: () => Promise<boolean> | boolean, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    if (await check()) return;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export interface Account {
  readonly email: string;
  readonly password: string;
}
const PASSWORD = 'syncline-demo';
export const admin: Account = { email: 'admin@example.com', password: PASSWORD };
export const manager: Account = { email: 'manager@example.com', password: PASSWORD };
export const agent: Account = { email: 'agent@example.com', password: PASSWORD };
export const viewer: Account = { email: 'viewer@example.com', password: PASSWORD };

export class TestServer {
  private child: ChildProcess | null = null;
  private log = '';

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly root: string,
  ) {}

  /** A new database and the server running on it. With `demo` it holds the small demo data, else these accounts only. */
  static async start(content: 'demo' | readonly Account[] = 'demo', root = web): Promise<TestServer> {
    if (!binary || !root) throw new Error('SYNCLINE_BINARY and SYNCLINE_WEB must name the server and the built app');
    const folder = mkdtempSync(join(tmpdir(), 'syncline-e2e-'));
    const server = new TestServer(folder, await freePort(), root);
    execFileSync(binary, ['migrate', '--db', server.database]);
    if (content === 'demo') {
      execFileSync(binary, ['seed', '--db', server.database, '--size', 'small']);
    } else {
      for (const { email, password } of content) {
        execFileSync(binary, ['user', 'add', '--db', server.database, '--email', email, '--role', 'admin', '--password', password]);
      }
    }
    await server.run();
    return server;
  }

  get database(): string {
    return join(this.folder, 'test.db');
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  /** Runs a command of the binary beside the running server; what it printed. */
  async command(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(binary!, [...args], { maxBuffer: 64 << 20 });
    return stdout;
  }
  get output(): string {
    return this.log;
  }

  /** Starts the process and waits until it answers. */
  async run(): Promise<void> {
    const child = spawn(binary!, [
      'serve', '--db', this.database, '--host', '127.0.0.1', '--port', String(this.port), '--web', this.root, '--limits', 'off',
    ]);
    this.child = child;
    const keep = (data: Buffer) => (this.log = (this.log + data.toString()).slice(-100_000));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    await until(`the server answers\n${this.log}`, async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${this.log}`);
      try {
        return (await fetch(`${this.url}/readyz`)).ok;
      } catch {
        return false;
      }
    }, 30_000);
  }

  /** Ends the process with this signal and waits until it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.child;
    if (!child) return null;
    this.child = null;
    const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return gone;
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Answer {
  readonly status: number;
  // The shape depends on the call; a test names what it reads.
  readonly body: Record<string, never> & { readonly data: Record<string, never>[] };
  readonly headers: Headers;
}

/** REST as an integration uses it. */
export class RestClient {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async login(url: string, account: Account): Promise<RestClient> {
    const response = await fetch(`${url}/api/auth/login`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(account),
    });
    if (!response.ok) throw new Error(`login failed: ${response.status} ${await response.text()}`);
    const body = (await response.json()) as { accessToken: string };
    return new RestClient(url, body.accessToken);
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text), headers: response.headers } as Answer;
  }

  /** The gauge of this name on /metrics, summed over its labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return text.split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
}

// Who is signed in. Access tokens live in memory and are renewed before they run out; the refresh token is an HttpOnly
// cookie that scripts cannot read (SEMANTICS 35).

export interface SessionUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

/** RFC 9457, as every error of the server is. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly code: string; readonly message: string }[];
}

export class RequestError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'RequestError';
  }
}

interface LoginBody {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly user: SessionUser;
}

const RENEW_BEFORE_MS = 60_000;

async function post(url: string, path: string, body: unknown, token?: string): Promise<unknown> {
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-syncline-app': '1' };
  if (token) headers['authorization'] = `Bearer ${token}`;
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin',
    });
  } catch {
    throw new RequestError({ status: 0, code: 'offline', title: 'No connection', detail: 'The server cannot be reached. Check your connection and try again.' });
  }
  const text = await response.text();
  if (!response.ok) throw new RequestError(problemOf(response.status, text));
  return text === '' ? null : JSON.parse(text);
}

function problemOf(status: number, text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return { status, code: 'unavailable', title: 'Unexpected answer', detail: `The server answered with status ${status}.` };
  }
}

export class Session {
  private token: string;
  private expiresAt: number;
  private renewal: Promise<string> | null = null;
  private endedListeners = new Set<() => void>();

  constructor(
    readonly url: string,
    body: LoginBody,
    now: number = Date.now(),
  ) {
    this.token = body.accessToken;
    this.expiresAt = now + body.expiresIn * 1000;
    this.user = body.user;
  }

  readonly user: SessionUser;

  /** A token that is still good for a minute; `renew` asks for a fresh one in any case. */
  async accessToken(renew = false): Promise<string> {
    if (!renew && Date.now() < this.expiresAt - RENEW_BEFORE_MS) return this.token;
    this.renewal ??= this.refresh().finally(() => (this.renewal = null));
    return this.renewal;
  }

  private async refresh(): Promise<string> {
    try {
      const body = (await post(this.url, '/api/auth/refresh', {})) as LoginBody;
      this.token = body.accessToken;
      this.expiresAt = Date.now() + body.expiresIn * 1000;
      return this.token;
    } catch (error) {
      if (error instanceof RequestError && error.problem.status === 401) this.endedListeners.forEach((listener) => listener());
      throw error;
    }
  }

  /** The session ended on the server (logout elsewhere, account removed). */
  onEnded(listener: () => void): () => void {
    this.endedListeners.add(listener);
    return () => this.endedListeners.delete(listener);
  }

  async logout(): Promise<void> {
    await post(this.url, '/api/auth/logout', {}, this.token);
  }
}

/** Errors: RequestError (bad_credentials, rate_limited, offline). */
export async function login(url: string, email: string, password: string): Promise<Session> {
  return new Session(url, (await post(url, '/api/auth/login', { email, password })) as LoginBody);
}

/** The session behind the refresh cookie, or null when there is none. */
export async function restoreSession(url: string): Promise<Session | null> {
  try {
    return new Session(url, (await post(url, '/api/auth/refresh', {})) as LoginBody);
  } catch (error) {
    if (error instanceof RequestError && error.problem.status !== 0) return null;
    throw error;
  }
}

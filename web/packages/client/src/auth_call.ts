// One call to /api/auth: the refresh token travels as an HttpOnly cookie that scripts cannot read (SEMANTICS 35).

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
  /** The server itself says that there is no such session (any more). */
  get sessionIsGone(): boolean {
    return this.problem.status === 401 && ['unauthenticated', 'refresh_reused'].includes(this.problem.code);
  }
}

interface CallOptions {
  readonly body?: unknown;
  /** An access token. */
  readonly token?: string;
  readonly timeoutMs?: number;
}

/** Long enough for a password check in a busy queue. */
const TIMEOUT_MS = 30_000;

/**
 * The answer's JSON, null when it is empty. Errors: RequestError; what something between us and the server answers in its
 * place (a captive portal's page) is one too, never a success.
 */
export async function authCall(url: string, call: 'login' | 'refresh' | 'logout', options: CallOptions = {}): Promise<unknown> {
  const { body = {}, token, timeoutMs = TIMEOUT_MS } = options;
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-syncline-app': '1' };
  if (token) headers['authorization'] = `Bearer ${token}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(`/api/auth/${call}`, url), {
      method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin', signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch {
    throw new RequestError({ status: 0, code: 'offline', title: 'No connection', detail: 'The server cannot be reached. Check your connection and try again.' });
  }
  if (!response.ok) throw new RequestError(parsed<Problem>(text) ?? strange(response.status));
  if (response.status === 204) return null;
  const answer = parsed<unknown>(text);
  if (answer === null || call === 'logout') throw new RequestError(strange(response.status));
  return answer;
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

function strange(status: number): Problem {
  return { status, code: 'unavailable', title: 'Unexpected answer', detail: `The server answered with status ${status}.` };
}

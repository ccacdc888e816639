// Who is signed in. Access tokens live in memory and are renewed before they run out; the refresh token is an HttpOnly
// cookie that scripts cannot read (SEMANTICS 35).
import { authCall, RequestError } from './auth_call.ts';
import { lastSignedIn, markSignedIn, mayBeSignedIn } from './signed_in.ts';
import { forgetOwedSignOuts, oneAtATime, oweSignOut, pay, signOutIsOwed } from './sign_out.ts';

export interface SessionUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

interface LoginBody {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly user: SessionUser;
}

const RENEW_BEFORE_MS = 60_000;
/** At the start of a page that could also open offline. */
const RESTORE_PATIENCE_MS = 4_000;

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

  /** The server has not confirmed it yet (restoreSession). */
  get isOffline(): boolean {
    return this.token === '';
  }

  /** A token that is still good for a minute; `renew` asks for a fresh one in any case. */
  async accessToken(renew = false): Promise<string> {
    if (!renew && Date.now() < this.expiresAt - RENEW_BEFORE_MS) return this.token;
    this.renewal ??= this.refresh().finally(() => (this.renewal = null));
    return this.renewal;
  }

  private async refresh(): Promise<string> {
    try {
      if (signOutIsOwed(this.user.id)) throw new RequestError(ENDED);
      const body = (await authCall(this.url, 'refresh')) as LoginBody;
      // The cookie is the browser's: somebody else may have signed in with it since. Their token must not write our changes.
      if (body.user.id !== this.user.id || signOutIsOwed(this.user.id)) throw new RequestError(ENDED);
      this.token = body.accessToken;
      this.expiresAt = Date.now() + body.expiresIn * 1000;
      return this.token;
    } catch (error) {
      if (error instanceof RequestError && error.sessionIsGone) {
        if (lastSignedIn()?.id === this.user.id) markSignedIn(null);
        this.endedListeners.forEach((listener) => listener());
      }
      throw error;
    }
  }

  /** The session ended on the server (logout elsewhere, account removed). */
  onEnded(listener: () => void): () => void {
    this.endedListeners.add(listener);
    return () => this.endedListeners.delete(listener);
  }

  /**
   * Signs out of this browser, at once and for good: no page of it restores this session again, whether the server can be
   * told or not. Resolves with false when it could not: then the session on the server lives on until payOwedSignOut() or
   * the next start of a page reaches it.
   */
  logout(): Promise<boolean> {
    oweSignOut(this.user.id);
    markSignedIn(null);
    return oneAtATime(() => pay(this.url, this.token));
  }
}

const ENDED = { status: 401, code: 'unauthenticated', title: 'Signed out', detail: 'The session has ended. Sign in again.' } as const;

/** Errors: RequestError (bad_credentials, rate_limited, offline). */
export function login(url: string, email: string, password: string): Promise<Session> {
  return oneAtATime(async () => {
    await pay(url);
    const body = (await authCall(url, 'login', { body: { email, password } })) as LoginBody;
    forgetOwedSignOuts();
    markSignedIn(body.user);
    return new Session(url, body);
  });
}

/**
 * The session behind the refresh cookie; null when there is none, or when its user has signed out. Where the server cannot be
 * reached it is that of whoever signed in here last: their rows are in this browser, and the server is asked as soon as it
 * answers. Errors: RequestError (offline) where nobody is known to have signed in.
 */
export function restoreSession(url: string): Promise<Session | null> {
  return oneAtATime(async () => {
    if (!(await pay(url)) || !mayBeSignedIn()) return null;
    const last = lastSignedIn();
    try {
      const body = (await authCall(url, 'refresh', last ? { timeoutMs: RESTORE_PATIENCE_MS } : {})) as LoginBody;
      if (signOutIsOwed(body.user.id)) return null;
      markSignedIn(body.user);
      return new Session(url, body);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.sessionIsGone) {
        markSignedIn(null);
        return null;
      }
      if (last) return new Session(url, { accessToken: '', expiresIn: 0, user: last });
      throw error;
    }
  });
}

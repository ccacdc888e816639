// Sign-outs that the server has not heard of. Whoever signs out is signed out in this browser from that moment on, server or
// no server: the mark below is written first, outlives the page, and while it stands the refresh cookie (which no script can
// delete) is used for one thing only: to end its session. Nothing here signs anybody in.
import { authCall, RequestError } from './auth_call.ts';

const MARK = 'syncline.signOutOwed';
const LOCK = 'syncline-auth';
/** The user is waiting; what does not arrive now is owed and tried again. */
const PATIENCE_MS = 5_000;

/** Stands in where the browser refuses storage: then the mark lives as long as the page. */
let unstored: readonly string[] = [];

function marks(): readonly string[] {
  try {
    const stored = localStorage.getItem(MARK);
    return stored === null ? unstored : (JSON.parse(stored) as string[]);
  } catch {
    return unstored;
  }
}

function setMarks(users: readonly string[]): void {
  unstored = [];
  try {
    if (users.length === 0) localStorage.removeItem(MARK);
    else localStorage.setItem(MARK, JSON.stringify(users));
  } catch {
    unstored = users;
  }
}

/** A sign-out is owed: of this user, or of anybody. */
export function signOutIsOwed(user?: string): boolean {
  return user === undefined ? marks().length > 0 : marks().includes(user);
}

/** From here on this user is signed out in this browser. */
export function oweSignOut(user: string): void {
  if (!signOutIsOwed(user)) setMarks([...marks(), user]);
}

/** Somebody signed in: the cookie names another session now, and what was owed can neither be paid nor come back. */
export function forgetOwedSignOuts(): void {
  setMarks([]);
}

/**
 * One at a time in all tabs: a login, a refresh at the start of a page, a sign-out. Else a late sign-out could end the session
 * that a new login has just begun.
 */
export function oneAtATime<T>(run: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  return locks ? (locks.request(LOCK, run) as Promise<T>) : run();
}

/** Tells the server of owed sign-outs. Resolves with true when nothing is owed any more, false when it could not be told. */
export function payOwedSignOut(url: string): Promise<boolean> {
  return oneAtATime(() => pay(url));
}

/** As payOwedSignOut, within oneAtATime. `token`: an access token of the session, which may have run out. */
export async function pay(url: string, token?: string): Promise<boolean> {
  if (!signOutIsOwed()) return true;
  try {
    if (token === undefined || !(await endSession(url, token))) await endSessionOfCookie(url);
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
  setMarks([]);
  return true;
}

/** false: this token ends nothing (any more). */
async function endSession(url: string, token: string): Promise<boolean> {
  try {
    await authCall(url, 'logout', { token, timeoutMs: PATIENCE_MS });
    return true;
  } catch (error) {
    if (error instanceof RequestError && error.sessionIsGone) return false;
    throw error;
  }
}

async function endSessionOfCookie(url: string): Promise<void> {
  try {
    const fresh = (await authCall(url, 'refresh', { timeoutMs: PATIENCE_MS })) as { accessToken: string; user: { id: string } };
    // The cookie may be that of somebody who signed in elsewhere in this browser and has not signed out.
    if (signOutIsOwed(fresh.user.id)) await endSession(url, fresh.accessToken);
  } catch (error) {
    if (!(error instanceof RequestError && error.sessionIsGone)) throw error;
  }
}

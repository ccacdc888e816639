// Who signed in here last and has not signed out, so that the application opens without the server, and a browser where nobody
// is signed in does not ask it for a refusal. The refresh cookie, which no script can see, decides: the server alone knows.
import type { SessionUser } from './session.ts';

const MARK = 'syncline.signedIn';

/** false: nobody has signed in here since the last sign-out. Where the browser refuses storage: perhaps. */
export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return true;
  }
}

/** Null where that is not known. */
export function lastSignedIn(): SessionUser | null {
  try {
    const user = JSON.parse(localStorage.getItem(MARK) ?? 'null') as SessionUser | null;
    return typeof user?.id === 'string' ? user : null;
  } catch {
    return null;
  }
}

export function markSignedIn(user: SessionUser | null): void {
  try {
    // What the application needs to open, and no more of a person than that.
    if (user) localStorage.setItem(MARK, JSON.stringify({ id: user.id, name: user.name, email: user.email, role: user.role }));
    else localStorage.removeItem(MARK);
  } catch {
    // Then the server is asked.
  }
}

// Whether a session may be behind the refresh cookie, which no script can see. Only a hint, so that a browser where nobody is
// signed in does not ask the server for a refusal; the server alone knows.
const MARK = 'syncline.signedIn';

/** false: nobody has signed in here since the last sign-out. Where the browser refuses storage: perhaps. */
export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return true;
  }
}

export function markSignedIn(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(MARK, '1');
    else localStorage.removeItem(MARK);
  } catch {
    // Then the server is asked.
  }
}

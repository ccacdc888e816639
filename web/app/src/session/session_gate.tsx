// Who is signed in decides what is shown: the login page, or the application over an open database.
import { connect, login, restoreSession, type Session, signOutIsOwed, type SynclineDatabase } from '@syncline/client';
import { SynclineProvider } from '@syncline/react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Center, Loader, Text } from '@mantine/core';
import { chosenHost } from './host_choice.ts';
import { LoginPage } from './login_page.tsx';

interface SessionActions {
  readonly session: Session;
  /** Signs out. `discard`: changes that were not sent yet are forgotten, else they wait for this user's next sign-in here. */
  readonly signOut: (discard: boolean) => Promise<void>;
}

const SessionContext = createContext<SessionActions | null>(null);

export function useSession(): SessionActions {
  const actions = useContext(SessionContext);
  if (!actions) throw new Error('useSession needs a signed-in user');
  return actions;
}

/** What the login page says of how one came there. */
export type SignedOutNotice = 'elsewhere' | 'ended' | 'notCleared';

type State =
  | { readonly kind: 'restoring' }
  | { readonly kind: 'signingOut' }
  /** owed: the server could not be told. */
  | { readonly kind: 'signedOut'; readonly notice: SignedOutNotice | null; readonly owed: boolean }
  | { readonly kind: 'signedIn'; readonly session: Session; readonly db: SynclineDatabase };

const origin = window.location.origin;
const host = chosenHost();

export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<State>({ kind: 'restoring' });

  const open = useCallback(async (session: Session) => {
    const db = await connect({ session, url: origin, ...(host && { host }) });
    setState({ kind: 'signedIn', session, db });
  }, []);

  useEffect(() => {
    const signedOut = () => setState({ kind: 'signedOut', notice: null, owed: signOutIsOwed() });
    restoreSession(origin).then((session) => (session ? open(session) : signedOut())).catch(signedOut);
  }, [open]);

  const signIn = useCallback(async (email: string, password: string) => open(await login(origin, email, password)), [open]);

  const session = state.kind === 'signedIn' ? state.session : null;
  const db = state.kind === 'signedIn' ? state.db : null;
  useEffect(() => session?.onEnded(() => {
    db?.sessionEnded();
    setState({ kind: 'signedOut', notice: 'ended', owed: false });
  }), [session, db]);
  useEffect(() => db?.onEnded((reason) => {
    setState({ kind: 'signedOut', notice: reason === 'signedOut' ? 'elsewhere' : 'ended', owed: false });
  }), [db]);

  const actions = useMemo<SessionActions | null>(() => session && db && {
    session,
    signOut: async (discard) => {
      setState({ kind: 'signingOut' });
      // The session first: its mark keeps a reload, even in the midst of this, from signing in again.
      const [told, cleared] = await Promise.all([
        session.logout().catch((error: unknown) => {
          console.error(error);
          return false;
        }),
        db.logout(discard),
      ]);
      setState({ kind: 'signedOut', notice: cleared ? null : 'notCleared', owed: !told });
    },
  }, [session, db]);

  if (state.kind === 'restoring' || state.kind === 'signingOut') return <Busy leaving={state.kind === 'signingOut'} />;
  if (state.kind === 'signedOut' || !actions || !db) {
    const { notice, owed } = state.kind === 'signedOut' ? state : { notice: null, owed: false };
    return <LoginPage signIn={signIn} notice={notice} owed={owed} />;
  }
  return (
    <SessionContext value={actions}>
      <SynclineProvider db={db}>{children}</SynclineProvider>
    </SessionContext>
  );
}

function Busy({ leaving }: { readonly leaving: boolean }) {
  const { t } = useTranslation();
  return (
    <Center h="100vh" role="status">
      <Loader size="sm" mr="sm" />
      <Text c="dimmed">{t(leaving ? 'login.leaving' : 'login.starting')}</Text>
    </Center>
  );
}

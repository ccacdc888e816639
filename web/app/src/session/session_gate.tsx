// Who is signed in decides what is shown: the login page, or the application over an open database.
import { connect, login, restoreSession, type Session, type SynclineDatabase } from '@syncline/client';
import { SynclineProvider } from '@syncline/react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Center, Loader, Text } from '@mantine/core';
import { LoginPage } from './login_page.tsx';

interface SessionActions {
  readonly session: Session;
  /** Resolves when signed out. `discard`: changes that were not sent yet are forgotten. */
  readonly signOut: (discard: boolean) => Promise<void>;
}

const SessionContext = createContext<SessionActions | null>(null);

export function useSession(): SessionActions {
  const actions = useContext(SessionContext);
  if (!actions) throw new Error('useSession needs a signed-in user');
  return actions;
}

type State =
  | { readonly kind: 'restoring' }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'signedIn'; readonly session: Session; readonly db: SynclineDatabase };

const origin = window.location.origin;

export function SessionGate({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<State>({ kind: 'restoring' });

  const open = useCallback(async (session: Session) => {
    const db = await connect({ session, url: origin });
    setState({ kind: 'signedIn', session, db });
  }, []);

  useEffect(() => {
    restoreSession(origin)
      .then((session) => (session ? open(session) : setState({ kind: 'signedOut' })))
      .catch(() => setState({ kind: 'signedOut' }));
  }, [open]);

  const signIn = useCallback(async (email: string, password: string) => open(await login(origin, email, password)), [open]);

  const session = state.kind === 'signedIn' ? state.session : null;
  const db = state.kind === 'signedIn' ? state.db : null;
  useEffect(() => session?.onEnded(() => {
    db?.close();
    setState({ kind: 'signedOut' });
  }), [session, db]);

  const actions = useMemo<SessionActions | null>(() => session && db && {
    session,
    signOut: async (discard) => {
      db.logout(discard);
      await session.logout().catch(() => undefined);
      setState({ kind: 'signedOut' });
    },
  }, [session, db]);

  if (state.kind === 'restoring') return <Opening />;
  if (!actions || !db) return <LoginPage signIn={signIn} />;
  return (
    <SessionContext value={actions}>
      <SynclineProvider db={db}>{children}</SynclineProvider>
    </SessionContext>
  );
}

function Opening() {
  const { t } = useTranslation();
  return (
    <Center h="100vh" role="status">
      <Loader size="sm" mr="sm" />
      <Text c="dimmed">{t('login.starting')}</Text>
    </Center>
  );
}

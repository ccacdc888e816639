// On the login page, as long as the server has not been told of a sign-out: says so, and keeps telling it.
import { payOwedSignOut, signOutIsOwed } from '@syncline/client';
import { Alert, Button, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const TRY_AGAIN_AFTER_MS = 5_000;

const origin = window.location.origin;

/** `known`: the server could not be told; else another tab may just be telling it, and nothing is said before that is over. */
export function OwedSignOut({ known }: { readonly known: boolean }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<'nothing' | 'owed' | 'paid'>(known ? 'owed' : 'nothing');
  const [busy, setBusy] = useState(() => !known && signOutIsOwed());

  useEffect(() => {
    if (busy || shown !== 'owed') return undefined;
    const attempt = () => setBusy(true);
    const timer = setTimeout(attempt, TRY_AGAIN_AFTER_MS);
    window.addEventListener('online', attempt);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('online', attempt);
    };
  }, [busy, shown]);
  useEffect(() => {
    if (!busy) return;
    void payOwedSignOut(origin)
      .then((paid) => setShown((before) => (!paid ? 'owed' : before === 'nothing' ? 'nothing' : 'paid')))
      .finally(() => setBusy(false));
  }, [busy]);

  if (shown === 'nothing') return null;
  if (shown === 'paid') return <Alert color="green" variant="light" role="status" data-testid="sign-out-paid">{t('login.paid')}</Alert>;
  return (
    <Alert color="yellow" variant="light" role="alert" title={t('login.owed')} data-testid="sign-out-owed">
      <Text size="sm" mb="xs">{t('login.owedBody')}</Text>
      <Button size="compact-sm" variant="default" loading={busy} onClick={() => setBusy(true)} data-testid="sign-out-retry">{t('login.owedRetry')}</Button>
    </Alert>
  );
}

// Asks before a sign-out that costs something: changes that the server has not got yet, or a server that cannot be reached.
// When the last change arrives while it is open there is nothing left to ask.
import type { SynclineDatabase } from '@syncline/client';
import { useConnection, useRefused } from '@syncline/react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from './session_gate.tsx';

interface SignOutDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Changes that wait for the server, or that it has refused and nobody has decided about. */
const unsavedOf = ({ connection, refused }: Pick<SynclineDatabase, 'connection' | 'refused'>): number => connection.pending + refused.length;

/** A sign-out now would lose or leave nothing. */
export function isClean(db: Pick<SynclineDatabase, 'connection' | 'refused'>): boolean {
  return db.connection.state === 'connected' && unsavedOf(db) === 0;
}

export function SignOutDialog({ opened, onClose }: SignOutDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t('signOut.title')} size="lg" data-testid="sign-out-dialog">
      <Question opened={opened} onClose={onClose} />
    </Modal>
  );
}

/** Stands for a moment after somebody chose to stay: what becomes clean then is no reason to go. */
function Question({ opened, onClose }: SignOutDialogProps) {
  const { t } = useTranslation();
  const { signOut } = useSession();
  const connection = useConnection();
  const refused = useRefused();
  const { state, durable } = connection;
  const unsaved = unsavedOf({ connection, refused });
  const clean = isClean({ connection, refused });
  useEffect(() => {
    if (opened && clean) void signOut(false);
  }, [opened, clean, signOut]);

  return (
    <Stack gap="sm">
      {unsaved > 0 && <Text size="sm">{t(durable ? 'signOut.pending' : 'signOut.pendingInMemory', { count: unsaved })}</Text>}
      {state !== 'connected' && <Text size="sm">{t('signOut.unreachable')}</Text>}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus data-testid="sign-out-cancel">{t('signOut.stay')}</Button>
        {unsaved === 0 && <Button onClick={() => void signOut(false)} data-testid="sign-out-confirm">{t('signOut.confirm')}</Button>}
        {unsaved > 0 && (
          <Button color="red" variant="light" onClick={() => void signOut(true)} data-testid="sign-out-discard">{t('signOut.discard', { count: unsaved })}</Button>
        )}
        {unsaved > 0 && durable && <Button onClick={() => void signOut(false)} data-testid="sign-out-keep">{t('signOut.keep', { count: unsaved })}</Button>}
      </Group>
    </Stack>
  );
}

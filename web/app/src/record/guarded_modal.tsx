// A dialog that does not lose what was typed: closing it by a click beside it, Escape or the cross asks first, and so does the
// browser before the tab goes.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUnsaved } from '../frame/use_unsaved.ts';

interface GuardedModalProps {
  readonly title: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Something was typed or chosen. */
  readonly changed: boolean;
  readonly children: ReactNode;
}

export function GuardedModal({ title, opened, onClose, changed, children }: GuardedModalProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  useUnsaved(opened && changed);
  const discard = () => {
    setAsking(false);
    onClose();
  };
  return (
    <Modal.Stack>
      <Modal stackId="form" opened={opened} onClose={() => (changed ? setAsking(true) : onClose())} title={title} size="md">
        {children}
      </Modal>
      <Modal
        stackId="discard" opened={opened && asking} onClose={() => setAsking(false)} title={t('record.discardTitle')} size="sm"
        data-testid="discard-dialog"
      >
        <Stack gap="sm">
          <Text size="sm">{t('record.discardBody')}</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus data-testid="discard-keep">{t('record.keepEditing')}</Button>
            <Button color="red" variant="light" onClick={discard} data-testid="discard-confirm">{t('record.discard')}</Button>
          </Group>
        </Stack>
      </Modal>
    </Modal.Stack>
  );
}

import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useDestinations } from './navigation.ts';
import { isTyping } from './use_go_keys.ts';

const KEYS = [['Ctrl K', 'palette'], ['Ctrl Z', 'undo'], ['Ctrl Shift Z', 'redo'], ['c', 'create'], ['j', 'down'], ['k', 'up'], ['Enter', 'open'], ['?', 'help']] as const;

/** Every key the application listens to, on `?`. */
export function CheatSheet() {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure(false);
  const destinations = useDestinations();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !isTyping(event.target)) open();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [open]);
  return (
    <Modal opened={opened} onClose={close} title={t('keys.title')}>
      <Stack gap={6}>
        {KEYS.map(([key, name]) => (
          <Group key={name} justify="space-between"><Text size="sm">{t(`keys.${name}`)}</Text><Kbd>{key}</Kbd></Group>
        ))}
        {destinations.map(({ key, shortcut }) => (
          <Group key={key} justify="space-between">
            <Text size="sm">{t('keys.goTo', { where: t(`nav.${key}`) })}</Text>
            <span><Kbd>g</Kbd> <Kbd>{shortcut}</Kbd></span>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}

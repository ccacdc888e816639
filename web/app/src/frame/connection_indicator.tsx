// The Wi-Fi icon: green and live, yellow and turning while it reconnects, red and struck when offline; says how many changes
// wait, and tries again when asked. Where the server is polled it says so, and asks at once. Beside it, when the browser refuses storage: what that means for the changes that wait.
import { useConnection, useDb, useOfConnection } from '@syncline/react';
import { Group, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconDatabaseOff, IconRefresh, IconWifi, IconWifiOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './frame.module.css';

export function ConnectionIndicator() {
  const { t } = useTranslation();
  const db = useDb();
  const { state, attempt, pending, transport, refreshSeconds } = useConnection();
  const polled = state === 'connected' && transport === 'poll';
  const live = () => (!polled ? t('connection.live')
    : refreshSeconds === null ? t('connection.polled') : t('connection.polledEvery', { seconds: refreshSeconds }));
  const text = {
    connected: () => (pending > 0 ? t('connection.saving', { count: pending }) : live()),
    connecting: () => (attempt > 0 ? t('connection.reconnecting', { attempt }) : t('connection.connecting')),
    disconnected: () => (pending > 0 ? t('connection.offlinePending', { count: pending }) : t('connection.offline')),
  }[state]();
  const color = { connected: polled ? 'yellow' : 'green', connecting: 'yellow', disconnected: 'red' }[state];
  const Icon = state === 'disconnected' ? IconWifiOff : IconWifi;
  return (
    <Tooltip label={polled ? t('connection.refresh') : state === 'connected' ? text : t('connection.retry')}>
      <UnstyledButton className={classes['connection']} onClick={() => db.retryNow()} data-testid="connection" data-state={state} data-transport={transport} aria-label={polled ? `${text}. ${t('connection.refresh')}` : text}>
        <Icon size={16} className={state === 'connecting' ? classes['turning'] : undefined} color={`var(--mantine-color-${color}-${state === 'connecting' ? 6 : 7})`} />
        <Text span size="xs" role="status" aria-live="polite" visibleFrom="sm" truncate maw={380}>{text}</Text>
        {polled && <IconRefresh size={14} aria-hidden />}
        {pending > 0 && state !== 'connected' && <Text span size="xs" hiddenFrom="sm" aria-hidden data-testid="waiting">{pending}</Text>}
      </UnstyledButton>
    </Tooltip>
  );
}

export function StorageHint() {
  const { t } = useTranslation();
  const durable = useOfConnection((connection) => connection.durable);
  const storageBehind = useOfConnection((connection) => connection.storageBehind);
  if (durable && !storageBehind) return null;
  const key = durable ? 'behind' : 'notDurable';
  return (
    <Tooltip label={t(`storage.${key}Why`)} multiline w={280}>
      <Group gap={6} px={8} wrap="nowrap" tabIndex={0} role="status" data-testid="storage" data-state={key}>
        <IconDatabaseOff size={16} color="var(--mantine-color-orange-7)" />
        <Text span size="xs" visibleFrom="sm">{t(`storage.${key}`)}</Text>
      </Group>
    </Tooltip>
  );
}

// The Wi-Fi icon: green and live, yellow and turning while it reconnects, red and struck when offline; says how many changes
// wait, and tries again when asked.
import { useConnection, useDb } from '@syncline/react';
import { Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconWifi, IconWifiOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './frame.module.css';

export function ConnectionIndicator() {
  const { t } = useTranslation();
  const db = useDb();
  const { state, attempt, pending, durable } = useConnection();
  const text = {
    connected: pending > 0 ? t('connection.saving', { count: pending }) : t('connection.live'),
    connecting: attempt > 0 ? t('connection.reconnecting', { attempt }) : t('connection.connecting'),
    disconnected: pending > 0 ? t('connection.offlinePending', { count: pending }) : t('connection.offline'),
  }[state];
  const color = { connected: 'green', connecting: 'yellow', disconnected: 'red' }[state];
  const Icon = state === 'disconnected' ? IconWifiOff : IconWifi;
  return (
    <Tooltip label={durable ? (state === 'connected' ? text : t('connection.retry')) : t('connection.notDurable')}>
      <UnstyledButton className={classes['connection']} onClick={() => db.retryNow()} data-testid="connection" data-state={state} aria-label={text}>
        <Icon size={16} className={state === 'connecting' ? classes['turning'] : undefined} color={`var(--mantine-color-${color}-${state === 'connecting' ? 6 : 7})`} />
        <Text span size="xs" role="status" aria-live="polite" visibleFrom="sm">{text}</Text>
      </UnstyledButton>
    </Tooltip>
  );
}

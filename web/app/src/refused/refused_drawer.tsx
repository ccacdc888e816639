// Changes that the server did not accept, kept with what was asked for until their author tries them again or discards them
// (SEMANTICS 12): behind a sign in the header that is there only while there are some.
import type { CollectionMeta, RefusedMutation } from '@syncline/client';
import { useDb, useRefused, useRow } from '@syncline/react';
import { ActionIcon, Anchor, Button, Divider, Drawer, Group, Indicator, Stack, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLabel, formatMoment, formatRelative, labelOf } from '../fields/format.ts';
import { pathOf, titleOf } from '../fields/reference.ts';
import { engineText } from '../fields/refusal.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { caseOf, type ChangeFacts, decidable, factsOf, restingOn, rests } from './changes.ts';
import { openConflict, setListed } from './open_conflict.ts';
import { ValueText } from './value_text.tsx';

export function RefusedChanges() {
  const { t } = useTranslation();
  const all = useRefused();
  // Undos of what is in the list, which go with it, are none of their own.
  const refused = useMemo(() => all.filter((each) => !rests(all, each)), [all]);
  const [opened, { open, close }] = useDisclosure(false);
  const none = refused.length === 0;
  useEffect(() => {
    if (none) close();
  }, [none, close]);
  useEffect(() => {
    setListed(opened);
    // It says what the toasts say, and they would lie over it.
    if (opened) notifications.clean();
  }, [opened]);
  if (none && !opened) return null;
  const label = t('refused.count', { count: refused.length });
  return (
    <>
      <Tooltip label={label}>
        <Indicator label={refused.length} size={14} color="red" offset={4}>
          <ActionIcon variant="subtle" color="red" onClick={open} aria-label={label} data-testid="refused"><IconAlertTriangle size={16} /></ActionIcon>
        </Indicator>
      </Tooltip>
      <Drawer opened={opened} onClose={close} position="right" size="md" title={t('refused.title')} data-testid="refused-drawer">
        <Stack gap="md">
          <Text size="sm" c="dimmed">{t('refused.explain')}</Text>
          {refused.map((each) => <RefusedChange key={`${each.client}:${each.sequence}`} change={each} all={all} onLeave={close} />)}
        </Stack>
      </Drawer>
    </>
  );
}

interface RefusedChangeProps {
  readonly change: RefusedMutation;
  readonly all: readonly RefusedMutation[];
  readonly onLeave: () => void;
}

function RefusedChange({ change, all, onLeave }: RefusedChangeProps) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const facts = factsOf(change.name, change.args);
  const conflict = caseOf(change);
  const chosen = conflict && decidable(conflict);
  const deleted = conflict?.conflicts.some((each) => each.deleted);
  const why = deleted ? t('refused.deleted') : change.verdict.error
    ? engineText(change.verdict.error, [...facts.fields.map(({ field }) => field), ...(facts.collection?.fields ?? [])])
    : t(conflict ? 'toast.changedByOther' : 'toast.rejected');
  return (
    <Stack gap={6} data-testid="refused-change">
      <Divider />
      <Group justify="space-between" wrap="nowrap" align="baseline">
        {facts.collection ? <ChangeTitle facts={facts} collection={facts.collection} onLeave={onLeave} /> : <Text size="sm" fw={500}>{change.name}</Text>}
        <Tooltip label={formatMoment(change.createdAt)}>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>{formatRelative(change.createdAt)}</Text>
        </Tooltip>
      </Group>
      {facts.fields.map(({ field, value }) => (
        <Text key={field.name} size="sm" lineClamp={4}>
          <Text span inherit c="dimmed">{fieldLabel(field)}: </Text><ValueText field={field} value={value} />
        </Text>
      ))}
      {facts.others.map(([name, value]) => (
        <Text key={name} size="sm" lineClamp={4}><Text span inherit c="dimmed">{name}: </Text>{String(value)}</Text>
      ))}
      <Text size="sm" c="red" style={{ whiteSpace: 'pre-line' }}>{why}</Text>
      <Group gap="xs">
        {chosen && (
          <Button size="compact-sm" variant="default" data-testid="refused-compare" onClick={() => {
            onLeave();
            openConflict(conflict);
          }}>{t('conflict.compare')}</Button>
        )}
        {!conflict && facts.isKnown && <Button size="compact-sm" variant="default" onClick={() => refusal.watch(() => db.retryRefused(change))} data-testid="refused-retry">{t('refused.retry')}</Button>}
        <Button size="compact-sm" variant="subtle" color="red" onClick={() => [change, ...restingOn(all, [change])].forEach((each) => db.discardRefused(each))} data-testid="refused-discard">{t('refused.discard')}</Button>
      </Group>
    </Stack>
  );
}

function ChangeTitle({ facts, collection, onLeave }: { readonly facts: ChangeFacts; readonly collection: CollectionMeta; readonly onLeave: () => void }) {
  const { t } = useTranslation();
  const db = useDb();
  const { action, record } = facts;
  const { data: row } = useRow(record ? db.table(collection.key).get(record) : null);
  const what = labelOf(collection.singular);
  const path = row ? pathOf(collection.name, row.id) : null;
  const name = row ? titleOf(collection, row) : what;
  return (
    <Text size="sm" fw={500}>
      {t(`refused.action.${action}`, { defaultValue: labelOf(action) })}{' '}
      {path ? <Anchor component={Link} to={path} inherit onClick={onLeave}>{name}</Anchor> : name}
    </Text>
  );
}

// A conflict of an edit that is still open: nothing has been sent, and what is chosen is saved, or the edit ends.
import { useConflict, useDraftState } from '@syncline/react';
import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useUnsaved } from '../frame/use_unsaved.ts';
import { useMay } from '../session/rights.ts';
import { closeConflict, type EditCase } from './open_conflict.ts';
import { Sides } from './sides.tsx';
import { useWho } from './who.ts';

export function EditDecision({ edit }: { readonly edit: EditCase }) {
  const { t } = useTranslation();
  const may = useMay();
  useUnsaved(edit.orphaned === true);
  const who = useWho(undefined);
  const { deleted, fields } = useDraftState(edit.draft);
  const conflict = useConflict(edit.draft).find(({ field }) => field === edit.field.name);
  // The other one has taken it back.
  const over = !deleted && !conflict;
  useEffect(() => {
    if (over) closeConflict();
  }, [over]);
  const decide = (run: () => void) => () => {
    closeConflict();
    run();
  };
  const base = fields[edit.field.name]?.base ?? null;
  if (deleted) {
    return (
      <Gone who={who} name={edit.name} mayRestore={may('create', edit.collection.name)} onRestore={decide(edit.keepMine)} onForget={decide(edit.takeTheirs)}>
        <Sides deleted field={edit.field} base={base} theirs={null} mine={edit.mine} who={who} at={0} />
      </Gone>
    );
  }
  if (!conflict) return null;
  return (
    <Stack gap="md">
      <Text size="sm">{t('conflict.explain', { name: edit.name })}</Text>
      <Sides field={edit.field} base={conflict.base} theirs={conflict.theirs} mine={edit.mine} who={who} at={conflict.at} />
      <Group justify="flex-end" gap="xs">
        {!edit.orphaned && <Button variant="subtle" color="gray" onClick={closeConflict} data-testid="conflict-later">{t('conflict.goOn')}</Button>}
        <Button variant="default" onClick={decide(edit.takeTheirs)} data-testid="conflict-theirs">{t('conflict.takeTheirs')}</Button>
        <Button onClick={decide(edit.keepMine)} data-testid="conflict-mine">{t('conflict.keepMine')}</Button>
      </Group>
    </Stack>
  );
}

interface GoneProps {
  readonly who: string;
  readonly name: string;
  readonly mayRestore: boolean;
  readonly onRestore: () => void;
  readonly onForget: () => void;
  readonly onLater?: () => void;
  readonly children: ReactNode;
}

/** The record was deleted: it can come back with what was written, for whoever may create one. */
export function Gone({ who, name, mayRestore, onRestore, onForget, onLater, children }: GoneProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Text size="sm">{t(mayRestore ? 'conflict.goneExplain' : 'conflict.deleted', { who, name })}</Text>
      {children}
      <Group justify="flex-end" gap="xs">
        {onLater && <Button variant="subtle" color="gray" onClick={onLater} data-testid="conflict-later">{t('conflict.later')}</Button>}
        <Button variant="default" onClick={onForget} data-testid="conflict-forget">{t('conflict.forget')}</Button>
        {mayRestore && <Button onClick={onRestore} data-testid="conflict-restore">{t('conflict.restore')}</Button>}
      </Group>
    </Stack>
  );
}

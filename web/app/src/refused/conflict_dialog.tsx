// A conflict side by side: what stood there when the edit began, what somebody else made of it, and mine; who and when; and
// the choice, for all fields or for each. Closing it decides nothing: the change stays among the refused ones.
import type { Conflict } from '@syncline/client';
import { useDb, useRefused, useRow } from '@syncline/react';
import { Button, Group, Modal, Radio, Stack, Text, Tooltip } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldLabel, formatMoment, formatRelative, labelOf } from '../fields/format.ts';
import { collectionNamed, titleOf } from '../fields/reference.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { type ConflictCase, type ConflictField, choosable, fieldsOf, patchOf } from './changes.ts';
import classes from './conflict.module.css';
import { openConflict, useOpenConflict } from './open_conflict.ts';
import { useValueText } from './value_text.tsx';
import { useWho } from './who.ts';

const close = (): void => openConflict(null);

export function ConflictDialog() {
  const { t } = useTranslation();
  const open = useOpenConflict();
  const waits = useRefused().some(({ client, sequence }) => client === open?.id.client && sequence === open.id.sequence);
  const waited = useRef(false);
  useEffect(() => {
    // Decided in another tab.
    if (waited.current && !waits) close();
    waited.current = waits;
  }, [waits]);
  // What one user decides is not for whoever signs in next.
  useEffect(() => close, []);
  return (
    <Modal opened={open !== null} onClose={close} size="xl" title={t('conflict.title')} data-testid="conflict">
      {open && <Decision key={`${open.id.client}:${open.id.sequence}`} conflict={open} />}
    </Modal>
  );
}

function Decision({ conflict }: { readonly conflict: ConflictCase }) {
  const db = useDb();
  const chosen = choosable(conflict);
  const collection = collectionNamed((chosen ?? conflict.conflicts[0]!).collection);
  const { data: row, status } = useRow(db.table(collection.key).get((chosen ?? conflict.conflicts[0]!).record));
  const gone = !row && status === 'complete';
  const name = row ? titleOf(collection, row) : labelOf(collection.singular);
  if (!chosen || gone) return <Told conflict={conflict} name={name} gone={gone} />;
  return <Choice conflict={conflict} chosen={chosen} name={name} />;
}

/** Nothing is left to choose. */
function Told({ conflict, name, gone }: { readonly conflict: ConflictCase; readonly name: string; readonly gone: boolean }) {
  const { t } = useTranslation();
  const db = useDb();
  const first = conflict.conflicts[0]!;
  const who = useWho(first.fields[0]?.by);
  return (
    <Stack gap="sm">
      <Text size="sm">{gone || first.deleted ? t('conflict.deleted', { who, name }) : t('conflict.overtaken', { who, name })}</Text>
      <Group justify="flex-end">
        <Button data-testid="conflict-understood" onClick={() => {
          db.discardRefused(conflict.id);
          close();
        }}>{t('conflict.understood')}</Button>
      </Group>
    </Stack>
  );
}

function Choice({ conflict, chosen, name }: { readonly conflict: ConflictCase; readonly chosen: Conflict; readonly name: string }) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const fields = fieldsOf(chosen);
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  const decide = (kept: ReadonlySet<string>): void => {
    const patch = patchOf(chosen, kept);
    if (!patch) db.discardRefused(conflict.id);
    else if (!refusal.watch(() => db.table(collectionNamed(chosen.collection).key).update(chosen.record, patch, { base: conflict.version, replaces: conflict.id }))) return;
    close();
  };
  const choose = (field: string, keep: boolean): void => {
    const next = new Set(mine);
    if (keep) next.add(field);
    else next.delete(field);
    setMine(next);
  };
  return (
    <Stack gap="md">
      <Text size="sm">{t('conflict.explain', { name })}</Text>
      {fields.map((each) => (
        <FieldChoice key={each.field.name} each={each} single={fields.length === 1} mine={mine.has(each.field.name)} onChoose={choose} />
      ))}
      <Group justify="flex-end" gap="xs">
        <Button variant="subtle" color="gray" onClick={close} data-testid="conflict-later">{t('conflict.later')}</Button>
        <Button variant="default" onClick={() => decide(new Set())} data-testid="conflict-theirs">{t('conflict.takeTheirs')}</Button>
        <Button variant={fields.length > 1 ? 'default' : 'filled'} onClick={() => decide(new Set(fields.map(({ field }) => field.name)))} data-testid="conflict-mine">{t('conflict.keepMine')}</Button>
        {fields.length > 1 && <Button onClick={() => decide(mine)} data-testid="conflict-save">{t('conflict.saveChoice')}</Button>}
      </Group>
    </Stack>
  );
}

interface FieldChoiceProps {
  readonly each: ConflictField;
  /** The buttons below are the choice. */
  readonly single: boolean;
  readonly mine: boolean;
  readonly onChoose: (field: string, mine: boolean) => void;
}

function FieldChoice({ each: { field, values }, single, mine, onChoose }: FieldChoiceProps) {
  const { t } = useTranslation();
  const who = useWho(values.by);
  const label = fieldLabel(field);
  const pick = (keep: boolean, title: string): ReactNode => (single ? title : (
    <Radio
      name={`conflict-${field.name}`} label={title} size="xs" checked={mine === keep} onChange={() => onChoose(field.name, keep)}
      data-testid={`conflict-${field.name}-${keep ? 'mine' : 'theirs'}`}
    />
  ));
  return (
    <section aria-label={label}>
      <Group gap={6} mb={4}>
        <Text size="sm" fw={600}>{label}</Text>
        <Tooltip label={formatMoment(values.at)}>
          <Text size="xs" c="dimmed">{t('conflict.by', { who, when: formatRelative(values.at) })}</Text>
        </Tooltip>
      </Group>
      <div className={classes['sides']}>
        <Side title={t('conflict.base')} field={field} value={values.base} quiet />
        <Side title={pick(false, t('conflict.theirs', { who }))} field={field} value={values.theirs} chosen={!single && !mine} />
        <Side title={pick(true, t('conflict.mine'))} field={field} value={values.mine} chosen={!single && mine} />
      </div>
    </section>
  );
}

interface SideProps {
  readonly title: ReactNode;
  readonly field: ConflictField['field'];
  readonly value: unknown;
  readonly quiet?: boolean;
  readonly chosen?: boolean;
}

function Side({ title, field, value, quiet = false, chosen = false }: SideProps) {
  const text = useValueText(field, value);
  return (
    <div className={classes['side']} data-chosen={chosen || undefined}>
      <div className={classes['title']}>{title}</div>
      <Text size="sm" {...(quiet && { c: 'dimmed' })} className={classes['value'] ?? ''}>{text}</Text>
    </div>
  );
}

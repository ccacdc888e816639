// A conflict side by side: what stood there when the edit began, what somebody else made of it, and mine; who and when; and
// the choice, for all fields or for each. Closing it decides nothing: the change stays among the refused ones.
import { type Conflict, type Row, valueOf } from '@syncline/client';
import { useDb, useDraftState, useRefused, useRow } from '@syncline/react';
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { labelOf } from '../fields/format.ts';
import { collectionNamed, titleOf } from '../fields/reference.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { useMay } from '../session/rights.ts';
import { type ConflictCase, type ConflictField, decidable, fieldsOf, patchOf } from './changes.ts';
import { EditDecision, Gone } from './edit_decision.tsx';
import { closeConflict, useOpenConflict } from './open_conflict.ts';
import { Sides } from './sides.tsx';
import { useWho } from './who.ts';

export function ConflictDialog() {
  const { t } = useTranslation();
  const open = useOpenConflict();
  const judged = open?.judged ?? null;
  const waits = useRefused().some(({ client, sequence }) => client === judged?.id.client && sequence === judged.id.sequence);
  const waited = useRef(false);
  useEffect(() => {
    // Decided in another tab.
    if (waited.current && !waits) closeConflict();
    waited.current = waits;
  }, [waits]);
  // What one user decides is not for whoever signs in next.
  useEffect(() => closeConflict, []);
  const { deleted } = useDraftState(open?.edit?.draft ?? null);
  const [lost, setLost] = useState(false);
  const gone = deleted || (judged !== null && lost);
  // Of a record, or a page, that is gone what was typed is nowhere else: it is decided about, or lost.
  const must = open?.edit != null && (deleted || open.edit.orphaned === true);
  return (
    <Modal
      opened={open !== null} onClose={closeConflict} size="xl" title={t(gone ? 'conflict.goneTitle' : 'conflict.title')} data-testid="conflict"
      {...(must && { withCloseButton: false, closeOnEscape: false, closeOnClickOutside: false })}
    >
      {judged && <Judged key={`${judged.id.client}:${judged.id.sequence}`} conflict={judged} onLost={setLost} />}
      {open?.edit && <EditDecision edit={open.edit} />}
    </Modal>
  );
}

/** `onLost`: whether the record is gone, now or when this was judged. */
function Judged({ conflict, onLost }: { readonly conflict: ConflictCase; readonly onLost: (lost: boolean) => void }) {
  const db = useDb();
  const may = useMay();
  const decided = decidable(conflict);
  const first = decided ?? conflict.conflicts[0]!;
  const collection = collectionNamed(first.collection);
  const { data: row, status } = useRow(db.table(collection.key).get(first.record));
  const gone = first.deleted ? !row : !row && status === 'complete';
  useEffect(() => onLost(gone), [gone, onLost]);
  const name = row ? titleOf(collection, row) : labelOf(collection.singular);
  if (decided && gone && may('create', collection.name)) return <Restoration conflict={conflict} lost={decided} name={name} />;
  if (!decided || gone || (decided.deleted && !row)) return <Told conflict={conflict} name={name} gone={gone} />;
  return <Choice conflict={conflict} chosen={decided.deleted && row ? asItIs(decided, row) : decided} name={name} />;
}

/** It was deleted when this was judged, and has come back since. */
function asItIs(conflict: Conflict, row: Row): Conflict {
  return { ...conflict, deleted: false, fields: conflict.fields.map((values) => ({ ...values, theirs: valueOf(row[values.field]) })) };
}

/** The record was deleted: it comes back with what this user wrote, or that is forgotten. */
function Restoration({ conflict, lost, name }: { readonly conflict: ConflictCase; readonly lost: Conflict; readonly name: string }) {
  const db = useDb();
  const refusal = useRefusal();
  const fields = fieldsOf(lost);
  const first = lost.fields[0];
  const who = useWho(lost.deleted ? first?.by : undefined);
  const restore = (): void => {
    const patch = patchOf(lost, new Set(fields.map(({ field }) => field.name))) ?? {};
    const handles = db.table(collectionNamed(lost.collection).key);
    if (refusal.watch(() => handles.restore(lost.record, patch, { base: conflict.version, replaces: conflict.id }))) closeConflict();
  };
  return (
    <Gone
      who={who} name={name} mayRestore onRestore={restore} onLater={closeConflict}
      onForget={() => {
        db.discardRefused(conflict.id);
        closeConflict();
      }}
    >
      {fields.map(({ field, values }) => (
        <Sides key={field.name} deleted field={field} base={values.base} theirs={null} mine={values.mine} who={who} at={lost.deleted ? values.at : 0} />
      ))}
    </Gone>
  );
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
          closeConflict();
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
    closeConflict();
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
        <Button variant="subtle" color="gray" onClick={closeConflict} data-testid="conflict-later">{t('conflict.later')}</Button>
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
  const pick = (keep: boolean, title: string): ReactNode => (
    <Radio
      name={`conflict-${field.name}`} label={title} size="xs" checked={mine === keep} onChange={() => onChoose(field.name, keep)}
      data-testid={`conflict-${field.name}-${keep ? 'mine' : 'theirs'}`}
    />
  );
  return (
    <Sides
      field={field} base={values.base} theirs={values.theirs} mine={values.mine} who={who} at={values.at}
      {...(!single && { titles: { theirs: pick(false, who), mine: pick(true, t('conflict.mine')) }, chosen: mine ? 'mine' : 'theirs' })}
    />
  );
}

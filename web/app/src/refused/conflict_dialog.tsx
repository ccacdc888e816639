// A conflict side by side: what stood there when the edit began, what somebody else made of it, and mine; who and when; and
// the choice, for all fields or for each. Closing it decides nothing: the change stays among the refused ones.
import { type Conflict, type MutationId, type Row, type SynclineDatabase, valueOf } from '@syncline/client';
import { useDb, useDraftState, useRefused, useRow } from '@syncline/react';
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { collectionNamed } from '../fields/reference.ts';
import { useRefusal } from '../frame/use_refusal.ts';
import { useMay } from '../session/rights.ts';
import { type ConflictField, decidable, type Decision, fieldsOf, patchOf, together } from './changes.ts';
import { EditDecision, Gone } from './edit_decision.tsx';
import { closeConflict, useOpenConflict } from './open_conflict.ts';
import { Sides } from './sides.tsx';
import { useRecordName, useWho } from './who.ts';

export function ConflictDialog() {
  const { t } = useTranslation();
  const open = useOpenConflict();
  const judged = open?.judged ?? null;
  const refused = useRefused();
  const waits = refused.some(({ client, sequence }) => client === judged?.id.client && sequence === judged.id.sequence);
  const decision = useMemo(() => judged && together(refused, judged), [refused, judged]);
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
  const shown = useRef('');
  // While it closes its title stays what it was.
  if (open) shown.current = t(gone ? 'conflict.goneTitle' : 'conflict.title');
  // Of a record, or a page, that is gone what was typed is nowhere else: it is decided about, or lost.
  const must = open?.edit != null && (deleted || open.edit.orphaned === true);
  return (
    <Modal
      opened={open !== null} onClose={closeConflict} size="xl" title={shown.current} data-testid="conflict"
      {...(must && { withCloseButton: false, closeOnEscape: false, closeOnClickOutside: false })}
    >
      {decision && judged && <Judged key={`${judged.id.client}:${judged.id.sequence}`} decision={decision} onLost={setLost} />}
      {open?.edit && <EditDecision edit={open.edit} />}
    </Modal>
  );
}

/** `onLost`: whether the record is gone, now or when this was judged. */
function Judged({ decision, onLost }: { readonly decision: Decision; readonly onLost: (lost: boolean) => void }) {
  const { conflict } = decision;
  const db = useDb();
  const nameOf = useRecordName();
  const may = useMay();
  const decided = decidable(conflict);
  const first = decided ?? conflict.conflicts[0]!;
  const collection = collectionNamed(first.collection);
  const { data: row, status } = useRow(db.table(collection.key).get(first.record));
  const gone = first.deleted ? !row : !row && status === 'complete';
  useEffect(() => onLost(gone), [gone, onLost]);
  const name = nameOf(collection, row);
  if (decided && gone && may('create', collection.name)) return <Restoration decision={decision} lost={decided} name={name} />;
  if (!decided || gone || (decided.deleted && !row)) return <Told decision={decision} name={name} gone={gone} />;
  return <Choice decision={decision} chosen={decided.deleted && row ? asItIs(decided, row) : decided} name={name} />;
}

/** It was deleted when this was judged, and has come back since: what stands there now may be anybody's. */
function asItIs(conflict: Conflict, row: Row): Conflict {
  return { ...conflict, deleted: false, fields: conflict.fields.map((values) => ({ ...values, theirs: valueOf(row[values.field]), by: '', at: 0 })) };
}

/** The record was deleted: it comes back with what this user wrote, or that is forgotten. */
function Restoration({ decision: { conflict, ids }, lost, name }: { readonly decision: Decision; readonly lost: Conflict; readonly name: string }) {
  const db = useDb();
  const refusal = useRefusal();
  const fields = fieldsOf(lost);
  const first = lost.fields[0];
  const who = useWho(lost.deleted ? first?.by : undefined);
  const restore = (): void => {
    const patch = patchOf(lost, new Set(fields.map(({ field }) => field.name))) ?? {};
    const handles = db.table(collectionNamed(lost.collection).key);
    if (refusal.watch(() => handles.restore(lost.record, patch, { base: conflict.version, replaces: ids }))) closeConflict();
  };
  return (
    <Gone
      who={who} name={name} mayRestore onRestore={restore} onLater={closeConflict}
      onForget={() => {
        discard(db, ids);
        closeConflict();
      }}
    >
      {fields.map(({ field, values }) => (
        <Sides key={field.name} deleted field={field} base={values.base} theirs={null} mine={values.mine} who={who} at={lost.deleted ? values.at : 0} />
      ))}
    </Gone>
  );
}

const discard = (db: SynclineDatabase, ids: readonly MutationId[]): void => ids.forEach((id) => db.discardRefused(id));

/** Nothing is left to choose. */
function Told({ decision: { conflict, ids }, name, gone }: { readonly decision: Decision; readonly name: string; readonly gone: boolean }) {
  const { t } = useTranslation();
  const db = useDb();
  const first = conflict.conflicts[0]!;
  const who = useWho(first.fields[0]?.by);
  return (
    <Stack gap="sm">
      <Text size="sm">{gone || first.deleted ? t('conflict.deleted', { who, name }) : t('conflict.overtaken', { who, name })}</Text>
      <Group justify="flex-end">
        <Button data-testid="conflict-understood" onClick={() => {
          discard(db, ids);
          closeConflict();
        }}>{t('conflict.understood')}</Button>
      </Group>
    </Stack>
  );
}

function Choice({ decision: { conflict, ids }, chosen, name }: { readonly decision: Decision; readonly chosen: Conflict; readonly name: string }) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const fields = fieldsOf(chosen);
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  const decide = (kept: ReadonlySet<string>): void => {
    const patch = patchOf(chosen, kept);
    if (!patch) discard(db, ids);
    else if (!refusal.watch(() => db.table(collectionNamed(chosen.collection).key).update(chosen.record, patch, { base: conflict.version, replaces: ids }))) return;
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
  const who = useWho(values.by || undefined);
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

// The edit of one field: a draft of the engine's, begun with what the screen shows, and open until it is taken back or the rules
// of this browser accept it. What was typed stays here: the engine is told, and tells what is wrong with it and who was there.
import { type CollectionMeta, type Draft, type FieldMeta, type JsValue, type MutationHandle, MutationRefused, type Row, valueOf } from '@syncline/client';
import { type DraftConflict, useConflict, useDb, useDraftState } from '@syncline/react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../fields/reference.ts';
import { sortRefusal } from '../fields/refusal.ts';
import { noteWrite, tellRefusal } from '../frame/refused_writes.ts';
import { useUnsaved } from '../frame/use_unsaved.ts';
import { decideEdit, orphanEdit } from '../refused/open_conflict.ts';

export interface FieldDraft {
  readonly draft: Draft;
  readonly value: JsValue;
  /** What was typed cannot be read; `value` says nothing then. */
  readonly problem: string | null;
  /** Why it was not saved. */
  readonly message: string | null;
  readonly before: JsValue;
}

/** Choosing from a list is the whole edit; typing ends with Enter, Tab or a click elsewhere. */
export const savesOnChoice = (field: FieldMeta): boolean => ['enumeration', 'reference', 'boolean'].includes(field.type);

const emptied = (value: JsValue): JsValue => (value === '' || (Array.isArray(value) && value.length === 0) ? null : value);
const same = (a: JsValue, b: JsValue): boolean => JSON.stringify(emptied(a)) === JSON.stringify(emptied(b));
const isBlank = (value: JsValue): boolean => value === null || (typeof value === 'string' && value.trim() === '');

interface FieldDraftActions {
  readonly edit: FieldDraft | null;
  /** Somebody else changed the field since the edit began. */
  readonly conflict: DraftConflict | null;
  readonly begin: () => void;
  readonly change: (value: JsValue, problem: string | null) => void;
  readonly save: () => void;
  readonly cancel: () => void;
  /** The values side by side, to choose one. */
  readonly compare: () => void;
}

/** `record`: as it is when something is done with it. */
export function useFieldDraft(collection: CollectionMeta, field: FieldMeta, record: RefObject<Row>): FieldDraftActions {
  const { t } = useTranslation();
  const db = useDb();
  const [edit, setEdit] = useState<FieldDraft | null>(null);
  // The latest, for events that come before the next rendering; null once the edit is over.
  const latest = useRef<FieldDraft | null>(null);
  const saving = useRef(false);
  /** The page of the record is gone; the dialog has the draft. */
  const handedOver = useRef(false);
  const { deleted } = useDraftState(edit?.draft ?? null);
  useUnsaved(edit !== null && (edit.problem !== null || !same(edit.value, edit.before)));
  const conflict = useConflict(edit?.draft ?? null).find((each) => each.field === field.name) ?? null;

  const set = (next: FieldDraft | null) => {
    latest.current = next;
    setEdit(next);
  };
  const end = () => {
    latest.current?.draft.close();
    set(null);
  };
  const begin = () => {
    const row = record.current;
    const before = valueOf(row[field.name]);
    const draft = db.edit(collection.key, row);
    draft.begin(field.name, before, row.version);
    set({ draft, value: before, problem: null, message: null, before });
  };
  const complain = (message: string) => {
    if (latest.current) set({ ...latest.current, message });
  };
  const refused = (error: unknown) => {
    saving.current = false;
    if (error instanceof MutationRefused && error.engine.code === 'conflict') return compare();
    const { byField, rest } = sortRefusal(t, error, [field], collection);
    const why = byField[field.name] ?? rest ?? t('toast.rejected');
    if (handedOver.current) tellRefusal(t('toast.notSaved'), why, null);
    else complain(why);
  };
  const change = (value: JsValue, problem: string | null) => {
    const now = latest.current;
    if (!now) return;
    set({ ...now, value, problem, message: problem === null ? null : now.message && problem });
    if (problem !== null) return;
    try {
      now.draft.set(field.name, emptied(value));
    } catch (error) {
      refused(error);
    }
  };
  const commit = (now: FieldDraft) => {
    let handle: MutationHandle;
    try {
      now.draft.set(field.name, emptied(now.value));
      handle = now.draft.commit();
    } catch (error) {
      return refused(error);
    }
    saving.current = true;
    handle.local.then(({ mutationId }) => {
      saving.current = false;
      noteWrite(mutationId, { collection: collection.name, record: record.current.id, field: field.name });
      // What was typed since belongs to the next save.
      if (latest.current === now) end();
    }, refused);
  };
  const save = () => {
    const now = latest.current;
    if (!now || saving.current) return;
    if (now.problem !== null) return complain(now.problem);
    if (same(now.value, now.before) || same(now.value, valueOf(record.current[field.name]))) return end();
    if (field.required && isBlank(now.value)) return complain(t('record.required'));
    if (conflict) return compare();
    commit(now);
  };
  const cancel = () => {
    if (!saving.current) end();
  };
  const compare = () => {
    const now = latest.current;
    if (!now) return;
    decideEdit({
      draft: now.draft, collection, field, name: titleOf(collection, record.current), mine: now.value,
      keepMine: () => {
        now.draft.keepMine(field.name);
        commit(now);
      },
      takeTheirs: end,
    });
  };

  // The record is gone, and with it its page: what was typed is decided about in the dialog, which then holds the draft.
  useEffect(() => {
    const now = latest.current;
    if (!deleted || !now || saving.current) return;
    if (now.problem !== null || same(now.value, now.before)) return;
    handedOver.current = true;
    compare();
    // Once, when it is deleted.
  }, [deleted]);
  // The page goes without the box having lost its focus (browser Back): what was typed is saved, as by a click elsewhere; what
  // is in conflict is decided about.
  const leave = useRef<() => void>(() => undefined);
  leave.current = () => {
    const now = latest.current;
    if (!now || handedOver.current) return;
    handedOver.current = orphanEdit(now.draft);
    if (handedOver.current) return;
    const savable = now.problem === null && !same(now.value, now.before) && !(field.required && isBlank(now.value));
    if (!savable || saving.current) return now.draft.close();
    handedOver.current = true;
    if (!conflict) return commit(now);
    compare();
    orphanEdit(now.draft);
  };
  useEffect(() => () => leave.current(), []);
  return { edit, conflict, begin, change, save, cancel, compare };
}

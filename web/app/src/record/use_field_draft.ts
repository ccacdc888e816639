// The edit of one field: begun, changed, and open until it is taken back or the rules of this browser accept it.
import { type CollectionMeta, type FieldMeta, type JsValue, type MutationHandle, type Row } from '@syncline/client';
import { useDb } from '@syncline/react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sortRefusal } from '../fields/refusal.ts';
import { noteWrite } from '../frame/refused_writes.ts';

export interface FieldDraft {
  readonly value: JsValue;
  /** What was typed cannot be read; `value` says nothing then. */
  readonly problem: string | null;
  /** Why it was not saved. */
  readonly message: string | null;
  readonly before: JsValue;
  readonly base: number;
}

/** Choosing from a list is the whole edit; typing ends with Enter, Tab or a click elsewhere. */
export const savesOnChoice = (field: FieldMeta): boolean => ['enumeration', 'reference', 'boolean'].includes(field.type);

/** What an include brought along: one row, or a list of them. */
const isRelated = (value: Row[string]): value is Row | readonly Row[] =>
  typeof value === 'object' && value !== null && !(Array.isArray(value) && value.every((item) => typeof item === 'string'));
const asValue = (value: Row[string]): JsValue => (value === undefined || isRelated(value) ? null : value);
const emptied = (value: JsValue): JsValue => (value === '' || (Array.isArray(value) && value.length === 0) ? null : value);
const same = (a: JsValue, b: JsValue): boolean => JSON.stringify(emptied(a)) === JSON.stringify(emptied(b));

interface FieldDraftActions {
  readonly draft: FieldDraft | null;
  /** Somebody else changed the field since the edit began, and to what. */
  readonly overtaken: { readonly theirs: JsValue } | null;
  /** Theirs has been seen, and mine is to replace it. */
  readonly keepMine: () => void;
  readonly begin: () => void;
  readonly change: (value: JsValue, problem: string | null) => void;
  readonly save: () => void;
  readonly cancel: () => void;
}

export function useFieldDraft(collection: CollectionMeta, field: FieldMeta, row: Row): FieldDraftActions {
  const { t } = useTranslation();
  const db = useDb();
  const [draft, setDraft] = useState<FieldDraft | null>(null);
  // The latest, for events that come before the next rendering; null once the edit is over.
  const latest = useRef<FieldDraft | null>(null);
  const saving = useRef(false);
  const set = (next: FieldDraft | null) => {
    latest.current = next;
    setDraft(next);
  };

  const begin = () => {
    const before = asValue(row[field.name]);
    set({ value: before, problem: null, message: null, before, base: row.version });
  };
  const change = (value: JsValue, problem: string | null) => {
    if (latest.current) set({ ...latest.current, value, problem, message: problem === null ? null : latest.current.message && problem });
  };
  const complain = (message: string) => {
    if (latest.current) set({ ...latest.current, message });
  };
  const refused = (error: unknown) => {
    saving.current = false;
    const { byField, rest } = sortRefusal(t, error, [field], collection);
    complain(byField[field.name] ?? rest ?? t('toast.rejected'));
  };
  const save = () => {
    const now = latest.current;
    if (!now || saving.current) return;
    if (now.problem !== null) return complain(now.problem);
    if (same(now.value, now.before) || same(now.value, asValue(row[field.name]))) return set(null);
    const next = emptied(now.value);
    if (field.required && (next === null || (typeof next === 'string' && next.trim() === ''))) return complain(t('record.required'));
    let handle: MutationHandle;
    try {
      handle = db.table(collection.key).update(row.id, { [field.name]: next }, { base: now.base });
    } catch (error) {
      return refused(error);
    }
    saving.current = true;
    handle.local.then(({ mutationId }) => {
      saving.current = false;
      noteWrite(mutationId, { collection: collection.name, record: row.id, field: field.name });
      // What was typed since belongs to the next save.
      if (latest.current === now) set(null);
    }, refused);
  };
  const cancel = () => {
    if (!saving.current) set(null);
  };
  const theirs = asValue(row[field.name]);
  const overtaken = draft && !saving.current && !same(theirs, draft.before) && !same(theirs, draft.value) ? { theirs } : null;
  const keepMine = () => {
    if (latest.current) set({ ...latest.current, before: theirs, base: row.version });
  };
  return { draft, overtaken, begin, change, save, cancel, keepMine };
}

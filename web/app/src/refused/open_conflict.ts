// Which conflict is open for decision: at most one, over whatever page.
import type { CollectionMeta, Draft, FieldMeta, JsValue } from '@syncline/client';
import { useSyncExternalStore } from 'react';
import type { ConflictCase } from './changes.ts';

/** An edit that has not been sent, of a field that somebody else changed or of a record that somebody deleted. */
export interface EditCase {
  readonly draft: Draft;
  readonly collection: CollectionMeta;
  readonly field: FieldMeta;
  /** The record's. */
  readonly name: string;
  /** As it was typed. */
  readonly mine: JsValue;
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
  /** The page on which it was written is gone: it is decided here, or lost. */
  readonly orphaned?: boolean;
}
type Open = { readonly judged: ConflictCase; readonly edit: null } | { readonly judged: null; readonly edit: EditCase } | null;

const listeners = new Set<() => void>();
let open: Open = null;

function show(next: Open): void {
  open = next;
  listeners.forEach((listener) => listener());
}
/** What the server has judged. */
export function openConflict(conflict: ConflictCase): void {
  show({ judged: conflict, edit: null });
}
export function decideEdit(edit: EditCase): void {
  show({ judged: null, edit });
}
/** The page of this edit goes; true: it is being decided about, and the dialog has the draft from now on. */
export function orphanEdit(draft: Draft): boolean {
  const edit = open?.edit;
  if (edit?.draft !== draft) return false;
  show({ judged: null, edit: { ...edit, orphaned: true } });
  return true;
}
export function closeConflict(): void {
  show(null);
}

/** While the list of all that was refused is open, its reader says which one opens. */
let listed = false;
export function setListed(shown: boolean): void {
  listed = shown;
}
export const isListed = (): boolean => listed;

export function useOpenConflict(): Open {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, () => open);
}

// Hooks: a component reads live queries and the connection; it re-renders when, and only when, its rows change.
import type {
  ConnectionInfo, Draft, DraftState, EngineError, JsValue, LiveResult, MutationHandle, Query, QueryStatus, RefusedMutation, SeenRow, Settled,
  SynclineDatabase,
} from '@syncline/client';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';

const DatabaseContext = createContext<SynclineDatabase | null>(null);

export function SynclineProvider({ db, children }: { readonly db: SynclineDatabase; readonly children: ReactNode }) {
  return <DatabaseContext value={db}>{children}</DatabaseContext>;
}

export function useDb(): SynclineDatabase {
  const db = useContext(DatabaseContext);
  if (!db) throw new Error('useDb needs a <SynclineProvider> above it');
  return db;
}

export interface QueryResult<T> {
  readonly data: readonly T[];
  readonly status: QueryStatus;
  readonly error: EngineError | null;
}

const NOTHING: LiveResult<never> = { rows: [], total: 0, status: 'loading', error: null };

/** The rows of a live query; null means "not yet" and gives an empty, loading result. */
export function useQuery<T>(query: Query<T> | null): QueryResult<T> {
  const db = useDb();
  const key = query?.key ?? null;
  const latest = useRef(query);
  latest.current = query;
  const subscribe = useCallback(
    (changed: () => void) => (key === null || !latest.current ? () => undefined : db.watch(latest.current).subscribe(changed)),
    [db, key],
  );
  const read = useCallback(
    (): LiveResult<T> => (key === null || !latest.current ? NOTHING : db.watch(latest.current).result),
    [db, key],
  );
  const { rows, status, error } = useSyncExternalStore(subscribe, read);
  return { data: rows, status, error };
}

/** The first row of a query (db.leads.get(id)), or null while there is none. */
export function useRow<T>(query: Query<T> | null): { readonly data: T | null; readonly status: QueryStatus; readonly error: EngineError | null } {
  const { data, status, error } = useQuery(query);
  return { data: data[0] ?? null, status, error };
}

/** A mutation as a stable function; `pending` while the server has not answered the last call. */
export function useMutation<A extends unknown[]>(run: (...args: A) => MutationHandle): { readonly mutate: (...args: A) => MutationHandle; readonly pending: boolean } {
  const latest = useRef(run);
  latest.current = run;
  const [open, setOpen] = useState(0);
  const mutate = useCallback((...args: A): MutationHandle => {
    const handle = latest.current(...args);
    setOpen((count) => count + 1);
    void handle.settled.catch(() => undefined).finally(() => setOpen((count) => count - 1));
    return handle;
  }, []);
  return { mutate, pending: open > 0 };
}

export function useConnection(): ConnectionInfo {
  return useOfConnection((connection) => connection);
}

/** One thing about the connection: the component renders again when that changes, and not with every change that is sent. */
export function useOfConnection<T>(read: (connection: ConnectionInfo) => T): T {
  const db = useDb();
  return useSyncExternalStore(
    useCallback((changed: () => void) => db.onConnection(changed), [db]),
    () => read(db.connection),
  );
}

const UNTOUCHED: DraftState = { deleted: false, fields: {}, error: null };

/** What is edited in a draft now; null: nothing is. */
export function useDraftState(draft: Draft | null): DraftState {
  return useSyncExternalStore(
    useCallback((changed: () => void) => (draft ? draft.subscribe(changed) : () => undefined), [draft]),
    () => draft?.state ?? UNTOUCHED,
  );
}

/**
 * A draft of the record as long as the component edits it; null: none is edited now. Given as the row that is shown, each edit
 * begins with what that row says by then; a newer row of the same record goes on with the same draft.
 */
export function useDraft(collection: string, record: string | SeenRow | null): { readonly draft: Draft | null; readonly state: DraftState } {
  const db = useDb();
  const [draft, setDraft] = useState<Draft | null>(null);
  const id = typeof record === 'string' ? record : (record?.id ?? null);
  useEffect(() => {
    if (id === null) return undefined;
    const made = db.edit(collection, id);
    setDraft(made);
    return () => {
      setDraft(null);
      made.close();
    };
  }, [db, collection, id]);
  // The one of the record before is still there when another is shown for the first time.
  const current = draft?.record === id ? draft : null;
  useEffect(() => {
    if (current && record !== null && typeof record !== 'string') current.shows(record);
  }, [current, record]);
  return { draft: current, state: useDraftState(current) };
}

export interface DraftConflict {
  readonly field: string;
  /** What its author saw when the edit began. */
  readonly base: JsValue;
  readonly mine: JsValue;
  readonly theirs: JsValue;
  /** When the record became what it is, in epoch ms. */
  readonly at: number;
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
}
/** The edited fields of a draft that somebody else has changed meanwhile, with the two ways to decide each. */
export function useConflict(draft: Draft | null): readonly DraftConflict[] {
  const state = useDraftState(draft);
  return useMemo(
    () =>
      Object.entries(state.fields).flatMap(([field, { conflict, value, base, theirs, at }]) =>
        conflict && draft
          ? [{ field, base, mine: value, theirs, at, keepMine: () => draft.keepMine(field), takeTheirs: () => draft.takeTheirs(field) }]
          : [],
      ),
    [draft, state],
  );
}

/** Undo and redo of own changes, for buttons and keys. */
export function useHistory(): { readonly canUndo: boolean; readonly canRedo: boolean; readonly undo: () => MutationHandle; readonly redo: () => MutationHandle } {
  const db = useDb();
  const canUndo = useOfConnection(({ undoable }) => undoable > 0);
  const canRedo = useOfConnection(({ redoable }) => redoable > 0);
  const undo = useCallback(() => db.undo(), [db]);
  const redo = useCallback(() => db.redo(), [db]);
  return { canUndo, canRedo, undo, redo };
}

/** Changes that the server did not accept and nobody has decided about, oldest first. */
export function useRefused(): readonly RefusedMutation[] {
  const db = useDb();
  return useSyncExternalStore(
    useCallback((changed: () => void) => db.onRefused(changed), [db]),
    () => db.refused,
  );
}

/** Calls back for every settled mutation of this browser (toasts of rejections and conflicts). */
export function useSettled(listener: (settled: Settled) => void): void {
  const db = useDb();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => db.onSettled((settled) => latest.current(settled)), [db]);
}

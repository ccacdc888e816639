// Edits of a list, as the core reports them: (kind, position) pairs applied one after another.

export const Edit = { insert: 0, remove: 1, replace: 2 } as const;

/** Past this many edits a full window is cheaper than single rows. */
const SINGLE_ROWS_MAX = 64;

/**
 * Where the inserted and replaced rows stand after all edits, ascending; null when there are so many that the whole window
 * should be sent.
 */
export function changedPositions(edits: readonly number[]): number[] | null {
  if (edits.length > 2 * SINGLE_ROWS_MAX) return null;
  let positions: number[] = [];
  for (let i = 0; i < edits.length; i += 2) {
    const kind = edits[i]!;
    const at = edits[i + 1]!;
    if (kind === Edit.insert) {
      positions = positions.map((position) => (position >= at ? position + 1 : position));
      positions.push(at);
    } else if (kind === Edit.remove) {
      positions = positions.filter((position) => position !== at).map((position) => (position > at ? position - 1 : position));
    } else if (!positions.includes(at)) {
      positions.push(at);
    }
  }
  return positions.sort((a, b) => a - b);
}

/** The list after the edits; `fresh(position)` gives the row now at a changed position. */
export function applyEdits<T>(list: readonly T[], edits: readonly number[], fresh: (position: number) => T): T[] {
  const next: (T | undefined)[] = list.slice();
  for (let i = 0; i < edits.length; i += 2) {
    const at = edits[i + 1]!;
    if (edits[i] === Edit.insert) next.splice(at, 0, undefined);
    else if (edits[i] === Edit.remove) next.splice(at, 1);
    else next[at] = undefined;
  }
  return next.map((row, position) => row ?? fresh(position));
}

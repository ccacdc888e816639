// Edits of a list, as the core reports them: (kind, position) pairs applied one after another.

export const Edit = { insert: 0, remove: 1, replace: 2 } as const;

/** Past this many edits a full window is cheaper than single rows. */
const SINGLE_ROWS_MAX = 64;
export const areTooMany = (edits: readonly number[]): boolean => edits.length > 2 * SINGLE_ROWS_MAX;

/**
 * Where the inserted and replaced rows stand after all edits, ascending; null when there are so many that the whole window
 * should be sent.
 */
export function changedPositions(edits: readonly number[]): number[] | null {
  if (edits.length === 2) return edits[0] === Edit.remove ? [] : [edits[1]!];
  if (areTooMany(edits)) return null;
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

/**
 * Edits `list` in place. Inserted and replaced places are left empty; what stood at removed and replaced places is appended
 * to `gone`.
 */
export function applyEdits<T>(list: (T | undefined)[], edits: readonly number[], gone: T[]): void {
  for (let i = 0; i < edits.length; i += 2) {
    const kind = edits[i];
    const at = edits[i + 1]!;
    if (kind === Edit.insert) {
      list.splice(at, 0, undefined);
      continue;
    }
    const before = list[at];
    if (before !== undefined) gone.push(before);
    if (kind === Edit.remove) list.splice(at, 1);
    else list[at] = undefined;
  }
}

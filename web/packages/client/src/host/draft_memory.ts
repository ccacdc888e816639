// What a tab has heard of its drafts, whichever host said it. The next host of a tab's begins with what is stored (SEMANTICS
// 23), and may know less than the one before it: what the application was told stays until that host has come as far.
//
// Invariant: of one edit, nothing older is told after something newer. Versions are the record's; that a record is gone has
// none, and stays until the host says the same, or has a version of it that is later than all that were told.
import type { DraftField, DraftNews, DraftState } from './messages.ts';

const latestOf = ({ fields }: DraftState): number => Math.max(0, ...Object.values(fields).map(({ version }) => version));

export class DraftMemory {
  /** What comes of others was on its way when they were closed. */
  private readonly open = new Set<number>();
  /** By draft, as the application knows it. */
  private readonly told = new Map<number, DraftState>();
  /** What the present host has not come to yet. */
  private readonly ahead = new Map<number, DraftState>();
  /** News since the present host has been asked again; null: it has heard all. */
  private early: Map<number, DraftState> | null = null;

  /** Another host is being asked for all drafts: what it says between two questions is about a part of them. */
  asking(): void {
    for (const [draft, state] of this.told) this.ahead.set(draft, state);
    this.early = new Map();
  }

  /** What the application is to hear. */
  asked(): DraftNews[] {
    const news = [...(this.early ?? [])].map(([draft, state]) => ({ draft, state }));
    this.early = null;
    return this.heard(news);
  }

  /** What the application is to hear. */
  heard(all: readonly DraftNews[]): DraftNews[] {
    const news = all.filter(({ draft }) => this.open.has(draft));
    if (this.early) {
      for (const { draft, state } of news) this.early.set(draft, state);
      return [];
    }
    return news.map(({ draft, state }) => {
      const known = this.judged(draft, state);
      this.told.set(draft, known);
      return { draft, state: known };
    });
  }

  opened(draft: number): void {
    this.open.add(draft);
  }
  closed(draft: number): void {
    this.open.delete(draft);
    for (const states of [this.told, this.ahead, this.early]) states?.delete(draft);
  }

  private judged(draft: number, next: DraftState): DraftState {
    const before = this.ahead.get(draft);
    if (!before) return next;
    const ahead: Record<string, DraftField> = {};
    const fields: Record<string, DraftField> = {};
    for (const [name, field] of Object.entries(next.fields)) {
      const known = before.fields[name];
      fields[name] = field;
      if (!known || known.version <= field.version) continue;
      ahead[name] = known;
      fields[name] = { ...known, value: field.value, error: field.error };
    }
    // Without an edit there is no version to wait for: the host, which has been asked all, is believed.
    const isGone = before.deleted && !next.deleted && latestOf(next) <= latestOf(before) && Object.keys(fields).length > 0;
    if (isGone || Object.keys(ahead).length > 0) this.ahead.set(draft, { deleted: isGone, fields: isGone ? before.fields : ahead, error: null });
    else this.ahead.delete(draft);
    return { deleted: next.deleted || isGone, fields, error: next.error };
  }
}

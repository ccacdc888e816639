// Which tab's draft is which of the core's, and how the core's news of them reads.
import { ArchiveReader, ArchiveWriter } from '../archive.ts';
import { DraftAction } from '../draft.ts';
import type { CollectionMeta, SchemaMeta } from '../schema_types.ts';
import { readValue } from '../value.ts';
import type { DraftField, DraftState, HostMessage, TabMessage } from './messages.ts';
import { CoreRefusal } from './wasm_core.ts';
import { readOptionalError } from './wire.ts';

const NO_RECORD = '00000000-0000-0000-0000-000000000000';

const UNTOUCHED: DraftState = { deleted: false, fields: {}, error: null };

type DraftMessage = Extract<TabMessage, { type: 'draft' }>;

interface Entry<Tab> {
  readonly tab: Tab;
  readonly draft: number;
  readonly collection: CollectionMeta | undefined;
  state: DraftState;
}

export class HostDrafts<Tab> {
  /** By the core's number. */
  private readonly entries = new Map<number, Entry<Tab>>();

  /** `call`: the core's command `draft`. */
  constructor(
    private readonly schema: SchemaMeta,
    private readonly call: (command: Uint8Array) => Uint8Array,
    private readonly post: (tab: Tab, message: HostMessage) => void,
  ) {}

  private numberOf(tab: Tab, draft: number): number {
    for (const [number, entry] of this.entries) if (entry.tab === tab && entry.draft === draft) return number;
    return 0;
  }

  command(tab: Tab, message: DraftMessage): Uint8Array {
    const action = message.accepted ? DraftAction.commitAccepted : message.action;
    return new ArchiveWriter().u8(action).u32(this.numberOf(tab, message.draft)).raw(message.bytes).finish();
  }

  /** All but a commit. */
  run(tab: Tab, message: DraftMessage): void {
    try {
      this.answered(tab, message, this.call(this.command(tab, message)));
    } catch (error) {
      if (!(error instanceof CoreRefusal)) throw error;
      const entry = this.entries.get(this.numberOf(tab, message.draft));
      const state = { ...(entry?.state ?? UNTOUCHED), error: error.engine };
      if (entry) entry.state = state;
      this.post(tab, { type: 'drafts', drafts: [{ draft: message.draft, state }] });
    }
  }

  /** How all of the tab's drafts stand, also those that the core has had no news of. */
  tellAll(tab: Tab): void {
    const drafts = [...this.entries.values()].filter((entry) => entry.tab === tab).map(({ draft, state }) => ({ draft, state }));
    if (drafts.length > 0) this.post(tab, { type: 'drafts', drafts });
  }

  /** What was edited in it is done. */
  restart(tab: Tab, message: DraftMessage): void {
    this.run(tab, { ...message, action: DraftAction.close });
    this.run(tab, { ...message, action: DraftAction.edit });
  }

  private answered(tab: Tab, message: DraftMessage, answer: Uint8Array): void {
    if (message.action === DraftAction.close) this.entries.delete(this.numberOf(tab, message.draft));
    if (message.action !== DraftAction.edit) return;
    const id = new ArchiveReader(message.bytes).u16();
    const collection = this.schema.collections.find((each) => each.id === id);
    this.entries.set(new ArchiveReader(answer).u32(), { tab, draft: message.draft, collection, state: UNTOUCHED });
  }

  /** The core's message `draft_changed`. */
  moved(input: ArchiveReader): void {
    const entry = this.entries.get(input.u32());
    if (!entry) return;
    const deleted = input.bool();
    const fields: Record<string, DraftField> = {};
    for (let left = input.u32(); left > 0; left--) {
      const id = input.u16();
      const field = entry.collection?.fields.find((each) => each.id === id) ?? null;
      const value = readValue(input, field);
      const error = readOptionalError(input);
      fields[field?.name ?? ''] = {
        value, error, conflict: input.bool(), base: readValue(input, field), theirs: readValue(input, field), at: input.i64(),
        version: input.u64(), baseVersion: input.u64(),
      };
    }
    entry.state = { deleted, fields, error: null };
    this.post(entry.tab, { type: 'drafts', drafts: [{ draft: entry.draft, state: entry.state }] });
  }

  /** The tab is gone. */
  closeAll(tab: Tab): void {
    for (const [number, entry] of [...this.entries]) {
      if (entry.tab !== tab) continue;
      this.entries.delete(number);
      this.call(new ArchiveWriter().u8(DraftAction.close).u32(number).u16(0).id(NO_RECORD).u16(0).u8(0).u64(0).finish());
    }
  }
}

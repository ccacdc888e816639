// What each collection's list shows first: columns, order, and how a person speaks of it. Every other fact comes from the
// schema.
export interface ListConfig {
  readonly collection: string;
  readonly columns: readonly string[];
  readonly sort: string;
  readonly descending: boolean;
  /** Goes before `sort` until somebody chooses an order. */
  readonly firstBy?: string;
}

const CONFIGS: readonly ListConfig[] = [
  { collection: 'leads', columns: ['name', 'companyName', 'status', 'value', 'score', 'sourceId', 'ownerId', 'createdAt'], sort: 'createdAt', descending: true },
  { collection: 'companies', columns: ['name', 'sector', 'city', 'country', 'phone', 'employees', 'ownerId'], sort: 'name', descending: false },
  { collection: 'contacts', columns: ['name', 'email', 'phone', 'companyId', 'status', 'ownerId'], sort: 'name', descending: false },
  { collection: 'deals', columns: ['name', 'stageId', 'value', 'companyId', 'ownerId', 'expectedCloseOn'], sort: 'value', descending: true },
  { collection: 'tasks', columns: ['title', 'status', 'priority', 'dueAt', 'assigneeId', 'categoryId'], sort: 'dueAt', descending: false, firstBy: 'status' },
  { collection: 'activities', columns: ['subject', 'kind', 'at', 'userId', 'companyId', 'contactId'], sort: 'at', descending: true },
  { collection: 'phone_calls', columns: ['at', 'direction', 'outcome', 'number', 'durationSeconds', 'contactId', 'userId'], sort: 'at', descending: true },
];

export function listConfig(collection: string): ListConfig {
  const found = CONFIGS.find((config) => config.collection === collection);
  if (!found) throw new RangeError(`no list for "${collection}"`);
  return found;
}

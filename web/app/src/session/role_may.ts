import type { CollectionMeta, Right } from '@syncline/client';

/** By the schema's metadata; at all, that is: which rows a right holds for, the engine decides. */
export function roleMay(role: string, right: Right, collection: CollectionMeta): boolean {
  return collection.rights[role]?.includes(right) ?? false;
}

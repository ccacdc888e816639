import { expect, it } from 'vitest';
import { collectionNamed } from '../src/fields/reference.ts';
import { dependentsOf } from '../src/record/dependents.ts';
import { roleMay } from '../src/session/role_may.ts';

it('a viewer may only look, an engineer has tasks and nothing else', () => {
  const leads = collectionNamed('leads');
  expect(roleMay('viewer', 'read', leads)).toBe(true);
  for (const right of ['create', 'update', 'remove', 'act'] as const) {
    expect(roleMay('viewer', right, leads)).toBe(false);
    expect(roleMay('admin', right, leads)).toBe(true);
  }
  expect(roleMay('engineer', 'read', leads)).toBe(false);
  expect(roleMay('engineer', 'create', collectionNamed('tasks'))).toBe(true);
  expect(roleMay('nobody', 'read', leads)).toBe(false);
});

it('a deletion names what goes with the record before what stays without it', () => {
  const named = dependentsOf(collectionNamed('companies')).map(({ collection, field }) => `${collection.name}.${field.name} ${field.whenTargetDeleted}`);
  expect(named[0]).toBe('activities.companyId deleted');
  expect(named).toContain('contacts.companyId emptied');
});

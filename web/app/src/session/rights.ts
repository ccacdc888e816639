// What the signed-in role may do: controls that could only end in a refusal are not shown. This is never the guard.
import type { Right } from '@syncline/client';
import { useCallback } from 'react';
import { collectionNamed } from '../fields/reference.ts';
import { roleMay } from './role_may.ts';
import { useSession } from './session_gate.tsx';

/** may('create', 'leads') */
export function useMay(): (right: Right, collectionName: string) => boolean {
  const { role } = useSession().session.user;
  return useCallback((right, name) => roleMay(role, right, collectionNamed(name)), [role]);
}

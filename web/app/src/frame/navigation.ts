// Where one can go: the sidebar, the palette and the `g` shortcuts read this.
import {
  IconAddressBook, IconBuilding, IconCheckbox, IconLayoutDashboard, IconLayoutKanban, IconPhone, IconTargetArrow, IconTimeline,
} from '@tabler/icons-react';
import { useMemo } from 'react';
import { useMay } from '../session/rights.ts';

/** `shows`: the collection whose records it is about; their pages belong to it too. */
const DESTINATIONS = [
  { key: 'dashboard', to: '/', shows: null, icon: IconLayoutDashboard, shortcut: 'h' },
  { key: 'leads', to: '/leads', shows: 'leads', icon: IconTargetArrow, shortcut: 'l' },
  { key: 'pipeline', to: '/pipeline', shows: 'deals', icon: IconLayoutKanban, shortcut: 'p' },
  { key: 'companies', to: '/companies', shows: 'companies', icon: IconBuilding, shortcut: 'o' },
  { key: 'contacts', to: '/contacts', shows: 'contacts', icon: IconAddressBook, shortcut: 'n' },
  { key: 'tasks', to: '/tasks', shows: 'tasks', icon: IconCheckbox, shortcut: 't' },
  { key: 'activities', to: '/activities', shows: 'activities', icon: IconTimeline, shortcut: 'a' },
  { key: 'calls', to: '/phone-calls', shows: 'phone_calls', icon: IconPhone, shortcut: 'k' },
] as const;

export type Destination = (typeof DESTINATIONS)[number];

/** What this role has anything to see at. */
export function useDestinations(): readonly Destination[] {
  const may = useMay();
  return useMemo(() => DESTINATIONS.filter(({ shows }) => shows === null || may('read', shows)), [may]);
}

/** The destination that a page belongs to: "/deals/42" to the pipeline. */
export function destinationOf(path: string): Destination | undefined {
  const [, first = ''] = path.split('/');
  return DESTINATIONS.find(({ to, shows }) => to === `/${first}` || (first !== '' && shows?.replaceAll('_', '-') === first));
}

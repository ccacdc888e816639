// Where one can go: the sidebar, the palette and the `g` shortcuts read this.
import {
  IconAddressBook, IconBuilding, IconCheckbox, IconLayoutDashboard, IconLayoutKanban, IconPhone, IconTargetArrow, IconTimeline,
} from '@tabler/icons-react';

export const DESTINATIONS = [
  { key: 'dashboard', to: '/', icon: IconLayoutDashboard, shortcut: 'h' },
  { key: 'leads', to: '/leads', icon: IconTargetArrow, shortcut: 'l' },
  { key: 'pipeline', to: '/pipeline', icon: IconLayoutKanban, shortcut: 'p' },
  { key: 'companies', to: '/companies', icon: IconBuilding, shortcut: 'o' },
  { key: 'contacts', to: '/contacts', icon: IconAddressBook, shortcut: 'n' },
  { key: 'tasks', to: '/tasks', icon: IconCheckbox, shortcut: 't' },
  { key: 'activities', to: '/activities', icon: IconTimeline, shortcut: 'a' },
  { key: 'calls', to: '/phone-calls', icon: IconPhone, shortcut: 'k' },
] as const;

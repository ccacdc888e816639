// Where tests/bench/client finds the packages that it compares.
import { fileURLToPath } from 'node:url';

const module = (name: string): string => fileURLToPath(new URL(`./node_modules/${name}`, import.meta.url));

export const benchAliases = [
  { find: /^@tanstack\/db$/, replacement: module('@tanstack/db') },
  { find: /^@tanstack\/query-core$/, replacement: module('@tanstack/query-core') },
];

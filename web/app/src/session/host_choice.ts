// `?host=leader` (or shared, inline) in the address says where this browser runs the engine from now on, instead of where it
// runs best by itself; `?host=` ends that. For tests, and for browsers whose SharedWorker misbehaves.
import type { HostKind } from '@syncline/client';

const KEY = 'syncline.host';
const KINDS: readonly HostKind[] = ['shared', 'leader', 'inline'];

export function chosenHost(): HostKind | undefined {
  const address = new URL(window.location.href);
  const asked = address.searchParams.get('host');
  if (asked !== null) {
    address.searchParams.delete('host');
    window.history.replaceState(window.history.state, '', address);
  }
  try {
    if (asked !== null) localStorage.setItem(KEY, asked);
    return KINDS.find((kind) => kind === localStorage.getItem(KEY));
  } catch {
    return KINDS.find((kind) => kind === asked);
  }
}

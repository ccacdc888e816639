import { useEffect, useState } from 'react';

/** True once `condition` has held for so long; a skeleton that flashes is worse than none. */
export function useLater(condition: boolean, afterMs: number): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!condition) {
      setHeld(false);
      return undefined;
    }
    const timer = setTimeout(() => setHeld(true), afterMs);
    return () => clearTimeout(timer);
  }, [condition, afterMs]);
  return held;
}

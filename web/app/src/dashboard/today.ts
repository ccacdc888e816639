// The current day as state: queries that say "in the last 30 days" change once a day, not on every render.
import { useEffect, useState } from 'react';

export function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

/** Local midnight so many days later. By the calendar: some days have 23 hours, some 25. */
export function daysFromToday(today: number, days: number): number {
  const date = new Date(today);
  return date.setDate(date.getDate() + days);
}

/** Local midnight, moving on when the day does. */
export function useToday(): number {
  const [today, setToday] = useState(() => startOfDay(Date.now()));
  useEffect(() => {
    const timer = setTimeout(() => setToday(startOfDay(Date.now())), daysFromToday(today, 1) - Date.now() + 1_000);
    return () => clearTimeout(timer);
  }, [today]);
  return today;
}

// Ctrl/Cmd-K: go anywhere, or find a record by name; the matches are live queries. Enter opens the first hit, also when it is
// pressed before the hits have come.
import type { Row } from '@syncline/client';
import { useDb, useOfConnection, useQuery } from '@syncline/react';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { likePattern } from '../fields/like_pattern.ts';
import { labelOf } from '../fields/format.ts';
import { collectionNamed, pathOf, titleOf } from '../fields/reference.ts';
import { useMay } from '../session/rights.ts';
import { useDestinations } from './navigation.ts';
import { palette, paletteStore } from './palette_store.ts';
import { useTypedAhead } from './use_typed_ahead.ts';

const SEARCHED = ['leads', 'companies', 'contacts', 'deals'] as const;
const MATCHES = 5;
const SHORTEST = 2;

interface Matches {
  readonly rows: readonly Row[];
  /** The server has answered, or cannot be asked. */
  readonly ready: boolean;
}

function useMatches(name: (typeof SEARCHED)[number], search: string): Matches {
  const db = useDb();
  const may = useMay();
  const query = useMemo(() => {
    if (search.length < SHORTEST || !may('read', name)) return null;
    const { titleField } = collectionNamed(name);
    return db.table(name).where(titleField, 'like', likePattern(search)).orderBy(titleField).limit(MATCHES);
  }, [db, name, search, may]);
  const { data, status } = useQuery(query);
  const asked = useOfConnection(({ state }) => state === 'connected');
  return { rows: data, ready: query === null || (asked ? status === 'complete' || status === 'error' : status !== 'loading') };
}

/** Pages first, then records; `ready`: nothing more is coming for what was typed. */
function useHits(typed: string): { readonly groups: readonly SpotlightActionGroupData[]; readonly ready: boolean } {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [search] = useDebouncedValue(typed, 120);
  const found = {
    leads: useMatches('leads', search),
    companies: useMatches('companies', search),
    contacts: useMatches('contacts', search),
    deals: useMatches('deals', search),
  };
  const destinations = useDestinations().filter(({ key }) => t(`nav.${key}`).toLowerCase().includes(typed.toLowerCase()));
  const groups: SpotlightActionGroupData[] = [
    {
      group: t('palette.goTo'),
      actions: destinations.map(({ key, to, icon: Icon }) => ({
        id: key, label: t(`nav.${key}`), leftSection: <Icon size={16} />, onClick: () => void navigate({ to }),
      })),
    },
    ...SEARCHED.map((name) => ({
      group: labelOf(name),
      actions: found[name].rows.map((row) => ({
        id: row.id,
        label: titleOf(collectionNamed(name), row),
        onClick: () => void navigate({ to: pathOf(name, row.id) ?? '/' }),
      })),
    })),
  ].filter((group) => group.actions.length > 0);
  return { groups, ready: search === typed && SEARCHED.every((name) => found[name].ready) };
}

/** Spotlight selects when a key is typed; hits that come later would stand there with none of them selected. */
function useFirstSelected(hits: string): void {
  useEffect(() => {
    if (hits === '') return;
    paletteStore.updateState((state) => ({ ...state, selected: 0 }));
    document.querySelectorAll('[data-palette] [data-action]').forEach((action, i) => action.toggleAttribute('data-selected', i === 0));
  }, [hits]);
}

export function Palette() {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const typed = query.trim();
  const { groups, ready } = useHits(typed);
  const [enteredFor, setEnteredFor] = useState<string | null>(null);
  const first = groups[0]?.actions[0];

  useFirstSelected(typed === '' ? '' : groups.flatMap(({ actions }) => actions.map(({ id }) => id)).join(' '));

  useTypedAhead((key) => {
    if (key !== 'Enter') setQuery((before) => (key === 'Backspace' ? before.slice(0, -1) : before + key));
    else if (typed !== '') setEnteredFor(typed);
  });
  // Enter on a hit is Spotlight's own; here it is pressed where there is none yet.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || typed === '') return;
    if (first && ready) return;
    event.preventDefault();
    setEnteredFor(typed);
  };
  useEffect(() => {
    if (enteredFor === null) return;
    if (enteredFor !== typed) setEnteredFor(null);
    if (enteredFor !== typed || !ready) return;
    setEnteredFor(null);
    if (!first) return;
    palette.close();
    (first.onClick as (() => void) | undefined)?.();
  }, [enteredFor, typed, ready, first]);

  return (
    <Spotlight
      store={paletteStore} actions={[...groups]} query={query} onQueryChange={setQuery} filter={(_, actions) => actions} data-palette
      nothingFound={ready ? t('palette.nothing') : null} transitionProps={{ duration: 0 }}
      searchProps={{ placeholder: t('palette.placeholder'), onKeyDown }} highlightQuery
    />
  );
}

// Ctrl/Cmd-K: go anywhere, or find a record by name; the matches are live queries.
import type { Row } from '@syncline/client';
import { useDb, useQuery } from '@syncline/react';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { likePattern } from '../fields/like_pattern.ts';
import { labelOf } from '../fields/format.ts';
import { collectionNamed, pathOf, titleOf } from '../fields/reference.ts';
import { DESTINATIONS } from './navigation.ts';

const SEARCHED = ['leads', 'companies', 'contacts', 'deals'] as const;
const MATCHES = 5;

function useMatches(name: (typeof SEARCHED)[number], search: string): readonly Row[] {
  const db = useDb();
  const query = useMemo(() => {
    if (search.length < 2) return null;
    const collection = collectionNamed(name);
    return db.table(name).where(collection.titleField, 'like', likePattern(search)).orderBy(collection.titleField).limit(MATCHES);
  }, [db, name, search]);
  return useQuery(query).data;
}

export function Palette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 120);
  const leads = useMatches('leads', search);
  const companies = useMatches('companies', search);
  const contacts = useMatches('contacts', search);
  const deals = useMatches('deals', search);

  const found = { leads, companies, contacts, deals };
  const destinations = DESTINATIONS.filter(({ key }) => t(`nav.${key}`).toLowerCase().includes(typed.trim().toLowerCase()));
  const groups: SpotlightActionGroupData[] = [
    {
      group: t('palette.goTo'),
      actions: destinations.map(({ key, to, icon: Icon }) => ({
        id: key, label: t(`nav.${key}`), leftSection: <Icon size={16} />, onClick: () => void navigate({ to }),
      })),
    },
    ...SEARCHED.map((name) => ({
      group: labelOf(name),
      actions: found[name].map((row) => ({
        id: row.id,
        label: titleOf(collectionNamed(name), row),
        onClick: () => void navigate({ to: pathOf(name, row.id) ?? '/' }),
      })),
    })),
  ].filter((group) => group.actions.length > 0);

  return (
    <Spotlight
      actions={groups} query={typed} onQueryChange={setTyped} filter={(_, actions) => actions}
      nothingFound={t('palette.nothing')} searchProps={{ placeholder: t('palette.placeholder') }} highlightQuery
    />
  );
}

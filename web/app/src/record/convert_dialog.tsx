// Converting a lead: company (matched by name, chosen or new), contact and deal in one atomic step.
import { type FieldMeta, type JsValue, type MutationHandle, type Row, schema } from '@syncline/client';
import { useDb } from '@syncline/react';
import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldEditor } from '../fields/field_editor.tsx';
import { collectionNamed } from '../fields/reference.ts';
import { type FormRefusal, sortRefusal } from '../fields/refusal.ts';
import { GuardedModal } from './guarded_modal.tsx';

interface ConvertDialogProps {
  readonly lead: Row;
  readonly opened: boolean;
  readonly onClose: () => void;
}

const CONVERT = 'crm.lead.convert';

function argumentNamed(name: string): FieldMeta {
  const found = schema.mutators.find((each) => each.name === CONVERT)?.arguments.find((field) => field.name === name);
  if (!found) throw new RangeError(`${CONVERT} takes no "${name}"`);
  return found;
}

/** Closed, it has nothing to show of what becomes of the lead. */
export const ConvertDialog = memo(DialogOfLead, (before, now) => !before.opened && !now.opened && before.lead.id === now.lead.id);

function DialogOfLead({ lead, opened, onClose }: ConvertDialogProps) {
  const { t } = useTranslation();
  const [changed, setChanged] = useState(false);
  const close = () => {
    setChanged(false);
    onClose();
  };
  return (
    <GuardedModal opened={opened} onClose={close} changed={changed} title={t('convert.title', { name: String(lead['name'] ?? '') })}>
      {opened && <ConvertForm lead={lead} onClose={close} onChanged={() => setChanged(true)} />}
    </GuardedModal>
  );
}

interface ConvertFormProps {
  readonly lead: Row;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

function ConvertForm({ lead, onClose, onChanged }: ConvertFormProps) {
  const { t } = useTranslation();
  const db = useDb();
  const [values, setValues] = useState<Readonly<Record<string, JsValue>>>({});
  const [createDeal, setCreateDeal] = useState(true);
  const [refusal, setRefusal] = useState<FormRefusal | null>(null);
  const names = createDeal ? ['companyId', 'dealName', 'stageId'] : ['companyId'];
  const labels: Readonly<Record<string, string>> = { companyId: t('convert.company'), dealName: t('convert.dealName'), stageId: t('convert.stage') };

  const refused = (error: unknown) => setRefusal(sortRefusal(t, error, names.map(argumentNamed), collectionNamed('leads')));
  const convert = () => {
    const given = names.flatMap((name) => (values[name] ? [[name, values[name]]] : []));
    let handle: MutationHandle;
    try {
      handle = db.mutate(CONVERT as string, { id: lead.id, createDeal, ...Object.fromEntries(given) });
    } catch (error) {
      refused(error);
      return;
    }
    handle.local.then(onClose, refused);
  };
  const editor = (name: string) => (
    <FieldEditor
      field={argumentNamed(name)} label={labels[name] ?? name} value={values[name] ?? null} error={refusal?.byField[name] ?? null}
      {...(name === 'dealName' ? { placeholder: String(lead['name'] ?? '') } : {})}
      onChange={(value) => {
        setValues({ ...values, [name]: value });
        setRefusal(null);
        onChanged();
      }}
    />
  );

  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); convert(); }}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t('convert.explain', { company: String(lead['companyName'] ?? '') || t('convert.noCompany') })}</Text>
        {refusal?.rest && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{refusal.rest}</Alert>}
        {editor('companyId')}
        <Checkbox label={t('convert.createDeal')} checked={createDeal} onChange={(event) => setCreateDeal(event.currentTarget.checked)} />
        {createDeal && <>{editor('dealName')}{editor('stageId')}</>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('record.cancel')}</Button>
          <Button type="submit" data-testid="convert-confirm">{t('convert.submit')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

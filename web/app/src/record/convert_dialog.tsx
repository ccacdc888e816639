// Converting a lead: company (matched by name, chosen or new), contact and deal in one atomic step.
import type { JsValue, Row } from '@syncline/client';
import { useDb } from '@syncline/react';
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FieldEditor } from '../fields/field_editor.tsx';
import { collectionNamed, fieldNamed } from '../fields/reference.ts';
import { useRefusal } from '../frame/use_refusal.ts';

interface ConvertDialogProps {
  readonly lead: Row;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function ConvertDialog({ lead, opened, onClose }: ConvertDialogProps) {
  const { t } = useTranslation();
  const db = useDb();
  const refusal = useRefusal();
  const deals = collectionNamed('deals');
  const [companyId, setCompanyId] = useState<JsValue>(null);
  const [stageId, setStageId] = useState<JsValue>(null);
  const [createDeal, setCreateDeal] = useState(true);
  const [dealName, setDealName] = useState('');

  const convert = () => {
    refusal.watch(() => db.mutate('crm.lead.convert', {
      id: lead.id,
      createDeal,
      ...(typeof companyId === 'string' ? { companyId } : {}),
      ...(createDeal && typeof stageId === 'string' ? { stageId } : {}),
      ...(createDeal && dealName !== '' ? { dealName } : {}),
    }));
    onClose();
  };

  return (
    <Modal opened={opened} onClose={onClose} title={t('convert.title', { name: String(lead['name'] ?? '') })}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t('convert.explain', { company: String(lead['companyName'] ?? '') || t('convert.noCompany') })}</Text>
        <FieldEditor field={fieldNamed(deals, 'companyId')} label={t('convert.company')} value={companyId} onChange={setCompanyId} />
        <Checkbox label={t('convert.createDeal')} checked={createDeal} onChange={(event) => setCreateDeal(event.currentTarget.checked)} />
        {createDeal && (
          <>
            <TextInput label={t('convert.dealName')} placeholder={String(lead['name'] ?? '')} value={dealName} onChange={(event) => setDealName(event.currentTarget.value)} />
            <FieldEditor field={{ ...fieldNamed(deals, 'stageId'), required: false }} label={t('convert.stage')} value={stageId} onChange={setStageId} />
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('record.cancel')}</Button>
          <Button onClick={convert} data-testid="convert-confirm">{t('convert.submit')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

import { useEffect, useState } from 'react';
import { call, type Session } from '../api';
import { Panel } from '../panel';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { api, type Batch, type Contract, type Page, type QuarantinedRecord, type Settled, words } from './ingestion';
import { RecordForm } from './record-form';
import { SettleForm } from './settle-form';

const statuses = ['waiting', 'resubmitted', 'discarded'] as const;

/** The quarantine of a batch: choose a reason, then fix and replay its records by rule, one by one, or discard them. */
export function QuarantinePanel({ batch }: { batch: Batch }) {
  const [status, setStatus] = useState<(typeof statuses)[number]>('waiting');
  const [code, setCode] = useState('');
  const [open, setOpen] = useState<number>();
  const [settled, setSettled] = useState<{ text: string; batchId: string | null }>();
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  const path = `${api}/batches/${batch.batchId}/quarantine`;
  const counts = usePoll<{ waiting: Record<string, number>; statuses: Record<string, number> }>(`${path}/counts`);
  const records = usePoll<Page<QuarantinedRecord>>(`${path}?limit=100&status=${status}${code === '' ? '' : `&code=${code}`}`);
  const headers = useHeaders(batch);
  const maySettle = useMaySettle() && batch.status === 'validated';
  const items = records.value?.items.filter((record) => record.status === status && !(status === 'waiting' && gone.has(record.row))) ?? [];
  const done = (what: string, { rowCount, correctedCount, batchId }: Settled, rows: readonly number[]) => {
    // they wait no longer, whenever the list is read again
    setGone(new Set([...gone, ...rows]));
    setOpen(undefined);
    const corrected = correctedCount > 0 ? `, ${correctedCount} of them corrected` : '';
    setSettled({ text: `${rowCount} ${rowCount === 1 ? 'record' : 'records'} ${what}${corrected}.`, batchId });
  };
  return (
    <Panel title="Quarantine" wide error={records.error ?? counts.error}>
      <div className="choices">
        <label className="inline">
          Status{' '}
          <select value={status} onChange={(event) => setStatus(event.target.value as typeof status)}>
            {statuses.map((each) => (
              <option key={each} value={each}>
                {each} ({counts.value?.statuses[each] ?? 0})
              </option>
            ))}
          </select>
        </label>
        <label className="inline">
          Reason{' '}
          <select value={code} onChange={(event) => setCode(event.target.value)}>
            <option value="">any</option>
            {Object.entries(counts.value?.waiting ?? {}).map(([each, count]) => (
              <option key={each} value={each}>
                {words(each)} ({count})
              </option>
            ))}
          </select>
        </label>
        <a href={`${path}/download?format=csv${code === '' ? '' : `&code=${code}`}`} download={`quarantine-${batch.batchId}.csv`}>
          Download as CSV
        </a>
      </div>
      {batch.status === 'rejected' ? (
        <p className="quiet">Nothing of a rejected batch was taken: correct it and send it again as a whole.</p>
      ) : null}
      {settled ? (
        <p role="status" className="good">
          {settled.text} {settled.batchId ? <a href={linkTo('data', settled.batchId)}>See the batch that carries them.</a> : null}
        </p>
      ) : null}
      {maySettle && status === 'waiting' && code !== '' && items.length > 0 ? (
        <SettleForm key={code} path={path} code={code} records={items} headers={headers} onDone={done} />
      ) : null}
      {items.length === 0 ? <p className="quiet">No record is {status} here.</p> : null}
      <ul className="plain-list records">
        {items.map((record) => (
          <li key={record.row}>
            <RecordLine record={record} />
            {maySettle && status === 'waiting' ? (
              <button
                type="button"
                className="plain"
                aria-expanded={open === record.row}
                onClick={() => setOpen(open === record.row ? undefined : record.row)}
              >
                Fix record {record.row}
              </button>
            ) : null}
            {open === record.row ? <RecordForm path={path} record={record} onDone={done} /> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function RecordLine({ record }: { record: QuarantinedRecord }) {
  const { row, line, raw, reasons, settledBy, settledReason, resubmittedBatchId } = record;
  return (
    <>
      <div>
        <strong className="number">
          Record {row}
          {line > 0 ? `, line ${line}` : ''}
        </strong>
        {reasons.map(({ code, field, message, expectation }) => (
          <p key={`${code} ${field}`} className="reason">
            <span className="tag bad">{words(code)}</span> {message}
            {expectation ? <span className="quiet"> Expected: {expectation}.</span> : null}
          </p>
        ))}
      </div>
      <code className="raw">{(raw ?? JSON.stringify(record.record)).slice(0, 500)}</code>
      {settledBy ? (
        <p className="quiet">
          by {settledBy}: {settledReason} {resubmittedBatchId ? <a href={linkTo('data', resubmittedBatchId)}>its new batch</a> : null}
        </p>
      ) : null}
    </>
  );
}

/** The name a column is sent under, by its name in the contract that judged the batch. */
function useHeaders({ contractName, contractVersion }: Batch): ReadonlyMap<string, string> {
  const { value } = usePoll<Contract>(`${api}/contracts/${contractName}?version=${contractVersion}`, 600_000);
  const properties = value?.document.schema[0]?.properties ?? [];
  return new Map(properties.map(({ name, physicalName }) => [name, physicalName ?? name]));
}

export function useMaySettle(): boolean {
  const [roles, setRoles] = useState<readonly string[]>([]);
  useEffect(() => {
    call<Session>('/session').then(
      (session) => setRoles(session.roles),
      () => setRoles([]),
    );
  }, []);
  return roles.includes('scientist') || roles.includes('admin');
}

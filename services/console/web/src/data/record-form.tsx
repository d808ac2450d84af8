import { type FormEvent, useId, useState } from 'react';
import { call } from '../api';
import type { QuarantinedRecord, Settled } from './ingestion';

/** Corrects one record field by field; only what was changed is sent, so that masked fields stay what they are. */
export function RecordForm(props: {
  path: string;
  record: QuarantinedRecord;
  onDone: (what: string, settled: Settled, rows: readonly number[]) => void;
}) {
  const { path, record, onDone } = props;
  const isUnreadable = record.reasons.some(({ code }) => code === 'unparsable_row');
  const before = isUnreadable ? { json: JSON.stringify({}, null, 1) } : textsOf(record.record);
  const [texts, setTexts] = useState<Record<string, string>>(before);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const id = useId();
  const faulty = new Set(record.reasons.flatMap(({ field = '' }) => field.split(',')));
  const changed = Object.entries(texts).filter(([name, text]) => text !== before[name as keyof typeof before]);

  const send = async (action: 'resubmit' | 'discard', change: object) => {
    setError(undefined);
    try {
      const body = { rows: [record.row], reason: reason.trim(), ...change };
      onDone(action === 'discard' ? 'discarded' : 'replayed', await call<Settled>(`${path}/${action}`, { method: 'POST', body }), [
        record.row,
      ]);
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isUnreadable) {
      void send('resubmit', { set: Object.fromEntries(changed.map(([name, text]) => [name, text === '' ? null : text])) });
      return;
    }
    try {
      void send('resubmit', { records: [{ row: record.row, record: JSON.parse(texts['json'] ?? '') as object }] });
    } catch {
      setError('This is no JSON.');
    }
  };

  return (
    <form className="settle" onSubmit={submit} aria-label={`Record ${record.row}`}>
      <div className="fields">
        {Object.keys(before).map((name) => {
          const about = { id: `${id}-${name}`, value: texts[name], className: faulty.has(name) ? 'faulty' : undefined };
          const change = (text: string) => setTexts({ ...texts, [name]: text });
          return (
            <div key={name}>
              <label htmlFor={about.id} className={faulty.has(name) ? 'bad' : 'quiet'}>
                {isUnreadable ? 'The record as JSON' : name}
              </label>
              {isUnreadable ? (
                <textarea {...about} rows={5} onChange={(event) => change(event.target.value)} />
              ) : (
                <input {...about} onChange={(event) => change(event.target.value)} />
              )}
            </div>
          );
        })}
      </div>
      <label className="inline">
        Reason, for the audit log <input value={reason} onChange={(event) => setReason(event.target.value)} size={40} maxLength={1000} />
      </label>
      <button type="submit" disabled={reason.trim() === ''}>
        {changed.length > 0 ? 'Fix and replay' : 'Replay as it is'}
      </button>
      <button type="button" className="plain" disabled={reason.trim() === ''} onClick={() => void send('discard', {})}>
        Discard
      </button>
      {error ? (
        <p role="alert" className="bad">
          {error}
        </p>
      ) : null}
    </form>
  );
}

function textsOf(record: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

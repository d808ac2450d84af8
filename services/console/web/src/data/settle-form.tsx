import { type FormEvent, useId, useState } from 'react';
import { call } from '../api';
import { Table } from '../table';
import type { QuarantinedRecord, Settled } from './ingestion';

const actions = {
  replace: 'Replace texts and replay',
  set: 'Set one value and replay',
  replay: 'Replay as they are',
  discard: 'Discard',
} as const;
type Action = keyof typeof actions;

/** Settles all waiting records with a reason at once: by rule, as they are, or not at all. */
export function SettleForm(props: {
  path: string;
  code: string;
  records: readonly QuarantinedRecord[];
  headers: ReadonlyMap<string, string>;
  onDone: (what: string, settled: Settled, rows: readonly number[]) => void;
}) {
  const { path, code, records, headers, onDone } = props;
  const fields = [
    ...new Set(records.flatMap(({ reasons }) => reasons.filter((each) => each.code === code).flatMap(({ field }) => field ?? []))),
  ];
  const [action, setAction] = useState<Action>(fields.length > 0 ? 'replace' : 'replay');
  const [field, setField] = useState(fields[0] ?? '');
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [value, setValue] = useState('');
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const header = headerOf(records, headers, field);
  const needsField = action === 'replace' || action === 'set';
  const changed = Object.entries(texts).filter(([, text]) => text !== '');
  const isReady = reason.trim() !== '' && (action !== 'replace' || changed.length > 0) && !isBusy;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const rule =
      action === 'replace'
        ? { mapValues: { [header]: Object.fromEntries(changed) } }
        : action === 'set'
          ? { set: { [header]: value === '' ? null : value } }
          : {};
    const chosen = needsField ? { code, field } : { code };
    try {
      const settled = await call<Settled>(`${path}/${action === 'discard' ? 'discard' : 'resubmit'}`, {
        method: 'POST',
        body: { ...chosen, ...rule, reason: reason.trim() },
      });
      const isChosen = ({ reasons }: QuarantinedRecord) =>
        reasons.some((each) => each.code === code && (!needsField || each.field?.split(',').includes(field)));
      onDone(
        action === 'discard' ? 'discarded' : 'replayed',
        settled,
        records.filter(isChosen).map(({ row }) => row),
      );
    } catch (problem) {
      setError((problem as Error).message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="settle" onSubmit={submit} aria-label="All records with this reason">
      <fieldset>
        <legend>All records with this reason</legend>
        {(Object.keys(actions) as Action[]).map((each) => (
          <label key={each} className="inline">
            <input
              type="radio"
              name={`${id}-action`}
              checked={action === each}
              disabled={(each === 'replace' || each === 'set') && fields.length === 0}
              onChange={() => setAction(each)}
            />
            {actions[each]}
          </label>
        ))}
      </fieldset>
      {needsField && fields.length > 1 ? (
        <label className="inline">
          Field{' '}
          <select value={field} onChange={(event) => setField(event.target.value)}>
            {fields.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      ) : null}
      {action === 'replace' ? <Texts header={header} found={textsOf(records, header, code)} texts={texts} onChange={setTexts} /> : null}
      {action === 'set' ? (
        <label className="inline">
          {header} becomes <input value={value} onChange={(event) => setValue(event.target.value)} placeholder="no value" />
        </label>
      ) : null}
      <label className="inline">
        Reason, for the audit log <input value={reason} onChange={(event) => setReason(event.target.value)} size={40} maxLength={1000} />
      </label>
      <button type="submit" disabled={!isReady}>
        {actions[action]}
      </button>
      {error ? (
        <p role="alert" className="bad">
          {error}
        </p>
      ) : null}
    </form>
  );
}

function Texts(props: {
  header: string;
  found: readonly [string, number][];
  texts: Record<string, string>;
  onChange: (texts: Record<string, string>) => void;
}) {
  const { header, found, texts, onChange } = props;
  return (
    <Table className="texts" columns={[`${header} as it was sent`, 'records', 'becomes']}>
      {found.slice(0, 20).map(([text, count]) => (
        <tr key={text}>
          <td>
            <code>{text}</code>
          </td>
          <td className="number">{count}</td>
          <td>
            <input
              aria-label={`${text} becomes`}
              value={texts[text] ?? ''}
              onChange={(event) => onChange({ ...texts, [text]: event.target.value })}
              placeholder="as it is"
            />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The texts of a field in these records, most first. */
function textsOf(records: readonly QuarantinedRecord[], header: string, code: string): [string, number][] {
  const counts = new Map<string, number>();
  for (const { record, reasons } of records) {
    const text = record[header];
    if (typeof text !== 'string' || !reasons.some((reason) => reason.code === code)) continue;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** What the field is called in the records: the name it is sent under, or the name of the column. */
function headerOf(records: readonly QuarantinedRecord[], headers: ReadonlyMap<string, string>, field: string): string {
  const header = headers.get(field) ?? field;
  return records.some(({ record }) => header in record) ? header : field;
}

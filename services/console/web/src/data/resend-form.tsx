import { type FormEvent, useState } from 'react';
import { call } from '../api';
import { linkTo } from '../use-place';
import { api } from './ingestion';

/** Sends what a rejected batch holds again, with a reason; says where it went once that is done. */
export function ResendForm({ batchId, sentAs, maySend }: { batchId: string; sentAs: string | null | undefined; maySend: boolean }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [nowSentAs, setSentAs] = useState<string>();
  const other = sentAs ?? nowSentAs;
  if (other)
    return (
      <p className="quiet">
        It was sent again: <a href={linkTo('data', other)}>the batch that carries its records now</a>
      </p>
    );
  if (!maySend) return null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    call<{ batchId: string }>(`${api}/batches/${batchId}/resubmit`, { method: 'POST', body: { reason: reason.trim() } })
      .then(
        (sent) => setSentAs(sent.batchId),
        (problem: Error) => setError(problem.message),
      )
      .finally(() => setBusy(false));
  };
  return (
    <form className="settle" onSubmit={submit} aria-label="The whole batch">
      <label className="inline">
        Reason, for the audit log <input value={reason} onChange={(event) => setReason(event.target.value)} size={40} maxLength={1000} />
      </label>
      <button type="submit" disabled={reason.trim() === '' || isBusy}>
        Send the whole batch again
      </button>
      {error ? (
        <p role="alert" className="bad">
          {error}
        </p>
      ) : null}
    </form>
  );
}

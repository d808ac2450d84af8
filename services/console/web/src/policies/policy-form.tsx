import { useState } from 'react';
import { call } from '../api';
import { hasOneOf, useSession } from '../use-session';

/** The document itself; approvers and administrators may set it anew, with a reason. */
export function PolicyForm({ path, policy }: { path: string; policy: object }) {
  const session = useSession();
  const [text, setText] = useState<string>();
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const document = JSON.stringify(policy, null, 2);
  if (text === undefined) {
    return (
      <>
        <pre className="policy">{document}</pre>
        {hasOneOf(session, 'approver', 'admin') ? (
          <button type="button" className="plain" onClick={() => setText(document)}>
            Change
          </button>
        ) : null}
      </>
    );
  }
  const save = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await call(path, { method: 'PUT', body: { policy: JSON.parse(text) as object, reason } });
      setText(undefined);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <form className="policy-form" onSubmit={(event) => event.preventDefault()}>
      <label>
        Policy <textarea value={text} onChange={(event) => setText(event.target.value)} rows={24} spellCheck={false} />
      </label>
      <label>
        Reason{' '}
        <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} placeholder="kept in the audit log" />
      </label>
      <button type="button" disabled={isBusy || reason.trim().length < 3} onClick={() => void save()}>
        Save as a new revision
      </button>
      <button type="button" className="plain" onClick={() => setText(undefined)}>
        Leave it
      </button>
      {fault ? (
        <p role="alert" className="bad">
          {fault}
        </p>
      ) : null}
    </form>
  );
}

import { useState } from 'react';
import { ApiError, call } from '../api';
import { hasEnded, type RolloutView } from './rollout-api';

interface Action {
  readonly name: 'pause' | 'resume' | 'finish' | 'abort';
  readonly title: string;
  readonly explains: string;
}

const pause: Action = { name: 'pause', title: 'Pause', explains: 'holds it at its present share; harm still rolls it back' };
const resume: Action = { name: 'resume', title: 'Resume', explains: 'lets it go on' };
const finish: Action = { name: 'finish', title: 'Finish', explains: 'the new version answers everything at once' };
const abort: Action = { name: 'abort', title: 'Abort', explains: 'the champion answers everything again' };

/** How a person steers a rollout: what to do, and why, which the audit log keeps. */
export function Steering({ rollout, onSteered }: { rollout: RolloutView; onSteered: (rollout: RolloutView) => void }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  if (hasEnded(rollout)) return null;
  const actions = [rollout.isPaused ? resume : pause, ...(rollout.status === 'running' ? [finish] : []), abort];
  const steer = async (action: Action) => {
    setBusy(true);
    setError(undefined);
    try {
      onSteered(
        await call<RolloutView>(`/api/serving/v1/rollouts/${rollout.rolloutId}/${action.name}`, { method: 'POST', body: { reason } }),
      );
      setReason('');
    } catch (fault) {
      setError(fault instanceof ApiError || fault instanceof Error ? fault.message : String(fault));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="steering" onSubmit={(event) => event.preventDefault()}>
      <label>
        Reason{' '}
        <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} placeholder="kept in the audit log" />
      </label>
      {actions.map((action) => (
        <button
          key={action.name}
          type="button"
          className={action.name === 'abort' ? 'danger' : action.name === 'finish' ? undefined : 'plain'}
          title={action.explains}
          disabled={isBusy || reason.trim() === ''}
          onClick={() => void steer(action)}
        >
          {action.title}
        </button>
      ))}
      {error ? (
        <p role="alert" className="bad">
          {error}
        </p>
      ) : null}
    </form>
  );
}

import { useState } from 'react';
import { call, type Freeze } from './api';
import { usePoll } from './use-poll';

const mayFreeze = ['operator', 'approver', 'admin'];

/** Says whether the loop is frozen; who may throw the switch can do it here, with a reason. */
export function FreezeSwitch({ roles }: { roles: string[] }) {
  const { value } = usePoll<Freeze>('/api/governance/v1/freeze', 2000);
  const [error, setError] = useState<string>();
  const frozen = value?.frozen ?? false;
  const toggle = () => {
    const reason = window.prompt(frozen ? 'Why may the loop move again?' : 'Why must the loop stop?');
    if (!reason) return;
    call(`/api/governance/v1/${frozen ? 'unfreeze' : 'freeze'}`, { method: 'POST', body: { reason } }).then(
      () => setError(undefined),
      (problem: Error) => setError(problem.message),
    );
  };
  return (
    <span className="freeze">
      <span className={frozen ? 'tag bad' : 'tag good'} title={value?.reason}>
        {frozen ? `frozen by ${value?.by ?? 'somebody'}` : 'loop moving'}
      </span>
      {roles.some((role) => mayFreeze.includes(role)) ? (
        <button type="button" className="plain" onClick={toggle}>
          {frozen ? 'Unfreeze' : 'Freeze'}
        </button>
      ) : null}
      {error ? <span className="bad">{error}</span> : null}
    </span>
  );
}

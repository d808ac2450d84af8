import { useState } from 'react';
import { call } from '../api';
import { exactMoment } from '../moment';
import { Panel } from '../panel';
import { usePoll } from '../use-poll';
import { type Listed, type Proposal, training } from './training-api';

/** Runs that wait for a person; not there while nothing waits. */
export function ProposalsPanel() {
  const { value, error } = usePoll<Listed<Proposal>>(training('proposals?status=open'));
  const [fault, setFault] = useState<string>();
  if (!error && !value?.items.length) return null;
  const answer = (id: string, word: 'accept' | 'decline') =>
    call(training(`proposals/${id}/${word}`), { method: 'POST', body: { reason: 'from the console' } }).then(
      () => setFault(undefined),
      (reason: Error) => setFault(reason.message),
    );
  return (
    <Panel title="Waiting for a person" wide error={error ?? fault}>
      <ul className="plain-list">
        {value?.items.map(({ proposalId, pipelineName, cause, reasons, openedAt }) => (
          <li key={proposalId} className="proposal">
            <span>
              <strong>{pipelineName}</strong> {cause.replaceAll('-', ' ')}: {reasons.join('; ')}{' '}
              <span className="quiet">{exactMoment(openedAt)}</span>
            </span>
            <button type="button" onClick={() => void answer(proposalId, 'accept')}>
              Train
            </button>
            <button type="button" className="plain" onClick={() => void answer(proposalId, 'decline')}>
              Decline
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

import { useState } from 'react';
import { call } from '../api';
import { hasOneOf, useSession } from '../use-session';
import type { Approval, Promotion } from './promotions-api';

const deciding = ['approver', 'scientist', 'operator', 'auditor', 'admin'];

/** Says yes or no with a comment, or takes the request back; who may is decided by governance and the registry. */
export function VoteForm({ promotion, approval }: { promotion: Promotion; approval: Approval | undefined }) {
  const session = useSession();
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  if (promotion.status !== 'requested' && promotion.status !== 'waiting') return null;
  const isOwn = session?.identity === promotion.requestedBy;
  const mayVote = approval?.status === 'pending' && !isOwn && hasOneOf(session, ...deciding);
  const mayWithdraw = isOwn || hasOneOf(session, 'admin');
  if (!mayVote && !mayWithdraw) return <p className="quiet">You have no vote here.</p>;
  const send = async (path: string, body: object) => {
    setBusy(true);
    setFault(undefined);
    await call(path, { method: 'POST', body }).then(
      () => setReason(''),
      (error: Error) => setFault(error.message),
    );
    setBusy(false);
  };
  const vote = (decision: 'grant' | 'deny') => send(`/api/governance/v1/approvals/${approval?.approvalId}/votes`, { decision, reason });
  const withdraw = () => send(`/api/registry/v1/promotions/${promotion.promotionId}/withdraw`, { reason });
  const isEmpty = isBusy || reason.trim().length < 3;
  return (
    <form className="vote" onSubmit={(event) => event.preventDefault()}>
      <label>
        Comment{' '}
        <input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={1000} placeholder="kept in the audit log" />
      </label>
      {mayVote ? (
        <>
          <button type="button" disabled={isEmpty} onClick={() => void vote('grant')}>
            Say yes
          </button>
          <button type="button" className="danger" disabled={isEmpty} onClick={() => void vote('deny')}>
            Say no
          </button>
        </>
      ) : null}
      {mayWithdraw ? (
        <button type="button" className="plain" disabled={isEmpty} onClick={() => void withdraw()}>
          Withdraw
        </button>
      ) : null}
      {fault ? (
        <p role="alert" className="bad">
          {fault}
        </p>
      ) : null}
    </form>
  );
}

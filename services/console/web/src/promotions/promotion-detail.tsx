import { moment } from '../moment';
import { Panel } from '../panel';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { GatesTable } from './gates-table';
import { type Approval, type Listed, type Promotion, requirementText } from './promotions-api';
import { VoteForm } from './vote-form';

/** One promotion: what was asked and on what evidence, who said what, and the ways to vote or to take it back. */
export function PromotionDetail({ id }: { id: string }) {
  const promotion = usePoll<Promotion>(`/api/registry/v1/promotions/${encodeURIComponent(id)}`, 2000);
  const approvals = usePoll<Listed<Approval>>(`/api/governance/v1/approvals?promotionId=${encodeURIComponent(id)}`, 2000);
  const known = promotion.value;
  if (!known) return <Panel title="Promotion" error={promotion.error} empty={promotion.error ? undefined : 'Loading'} wide />;
  const approval = approvals.value?.items[0];
  const { modelName, version, environment, status, requestedBy, override, rolloutId, reasons, decision } = known;
  return (
    <>
      <Panel title={`${modelName} version ${version} to ${environment}`} error={promotion.error} wide>
        <p>
          <a href={linkTo('promotions')}>All promotions</a>, <a href={linkTo('policies', modelName, String(version))}>policy</a>
          {rolloutId ? (
            <>
              , <a href={linkTo('rollouts', rolloutId)}>rollout</a>
            </>
          ) : null}
        </p>
        <p>
          <span className={status === 'refused' || status === 'rolled-back' ? 'tag bad' : 'tag'}>{status}</span>{' '}
          {reasons.length > 0 ? reasons.join('; ') : null}
        </p>
        <p className="quiet">
          asked by {requestedBy}, {moment(known.createdAt)}, {championText(known.championVersion)}, {revisionText(known.policyRevision)}
          {known.expiresAt ? `; ends ${moment(known.expiresAt)} without a decision` : ''}
        </p>
        {override ? (
          <p className="bad">
            {override.by} passes over rules that are not met: {override.reason}
          </p>
        ) : null}
      </Panel>
      <Panel title="Votes" wide error={approvals.error} empty={approvals.value && !approval ? 'The policy asks nobody.' : undefined}>
        {approval ? <Votes approval={approval} /> : null}
        <VoteForm promotion={known} approval={approval} />
      </Panel>
      {decision ? (
        <Panel title={`Rules as it was decided, ${revisionText(decision.policyRevision)}`} wide>
          <GatesTable gates={decision.gates} />
        </Panel>
      ) : null}
      <Panel title="Rules as it was asked for" wide>
        <GatesTable gates={known.gates} />
      </Panel>
    </>
  );
}

function Votes({ approval: { requirements, missing, votes } }: { approval: Approval }) {
  return (
    <>
      <p>
        {requirementText(requirements)} to say yes; still missing: {missing.join(', ') || 'nobody'}
      </p>
      <ul className="plain-list">
        {votes.map(({ voter, roles, decision, reason, votedAt }) => (
          <li key={voter}>
            <span className={decision === 'grant' ? 'tag good' : 'tag bad'}>{decision === 'grant' ? 'yes' : 'no'}</span> {voter} (
            {roles.join(', ')}): {reason} <time className="quiet">{moment(votedAt)}</time>
          </li>
        ))}
      </ul>
    </>
  );
}

function championText(version: number | null): string {
  return version === null ? 'no champion then' : `champion then: version ${version}`;
}

function revisionText(revision: number | null): string {
  return revision ? `by revision ${revision} of the policy` : 'by the rules that hold without a policy';
}

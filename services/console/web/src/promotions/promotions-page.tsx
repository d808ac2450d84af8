import { moment } from '../moment';
import { Panel } from '../panel';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { GatesSummary } from './gates-table';
import { outcomeOf } from './outcome';
import { PromotionDetail } from './promotion-detail';
import { type Approval, type Listed, type Promotion, requirementText } from './promotions-api';
import './promotions.css';
import { Table } from '../table';
import { usePromotions } from './use-promotions';

/** Promotions that wait for people, and what became of others; one of them with every rule and vote. */
export function PromotionsPage({ id }: { id: string | undefined }) {
  if (id !== undefined) return <PromotionDetail id={id} />;
  return (
    <>
      <Pending />
      <Decided />
    </>
  );
}

function Pending() {
  const { value, error } = usePoll<Listed<Approval>>('/api/governance/v1/approvals?status=pending&limit=100');
  return (
    <Panel title="Waiting for votes" wide error={error} empty={value?.items.length === 0 ? 'Nothing waits for a vote.' : undefined}>
      <ul className="plain-list promotions">
        {value?.items.map((approval) => (
          <li key={approval.approvalId}>
            <a href={linkTo('promotions', approval.promotionId)}>
              {approval.modelName} version {approval.version} to {approval.environment}
            </a>{' '}
            {approval.override ? <span className="tag bad">override</span> : null}
            <p className="quiet">
              asked by {approval.requestedBy}, {moment(approval.openedAt)}
              {approval.expiresAt ? `; ends ${moment(approval.expiresAt)}` : ''}
            </p>
            <p>
              {requirementText(approval.requirements)} to say yes; still missing: {approval.missing.join(', ') || 'nobody'}
            </p>
            <GatesSummary gates={approval.gates} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Decided() {
  const { value, error } = usePoll<Listed<Approval>>('/api/governance/v1/approvals?limit=50', 5000);
  const decided = value?.items.filter(({ status }) => status !== 'pending');
  const outcomes = usePromotions([...new Set(decided?.map(({ modelName }) => modelName))]);
  return (
    <Panel title="Decided lately" wide error={error} empty={decided?.length === 0 ? 'None yet.' : undefined}>
      <Table className="decided" columns={['promotion', 'what became of it', 'votes', 'asked']}>
        {decided?.map(({ approvalId, promotionId, modelName, version, environment, status, votes, openedAt, requestedBy, override }) => (
          <tr key={approvalId}>
            <td>
              <a href={linkTo('promotions', promotionId)}>
                {modelName} {version} to {environment}
              </a>{' '}
              {override ? <span className="tag bad">override</span> : null}
            </td>
            <td>
              <Became promotion={outcomes.get(promotionId)} />
            </td>
            <td>
              <span className={tone[status]}>{status}</span> {votes.map(({ voter, reason }) => `${voter}: ${reason}`).join('; ')}
            </td>
            <td className="quiet">
              {requestedBy}, {moment(openedAt)}
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function Became({ promotion }: { promotion: Promotion | undefined }) {
  if (!promotion) return <span className="quiet">–</span>;
  const { text, tag } = outcomeOf(promotion);
  return <span className={tag}>{text}</span>;
}

const tone: Record<string, string> = { granted: 'tag good', denied: 'tag bad', closed: 'tag' };

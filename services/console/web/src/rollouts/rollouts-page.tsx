import { moment } from '../moment';
import { Panel } from '../panel';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { type RolloutView, strategyText } from './rollout-api';
import { RolloutDetail } from './rollout-detail';
import { RolloutStatus } from './rollout-status';
import './rollouts.css';
import { Table } from '../table';

/** All rollouts, or the one that the address names. */
export function RolloutsPage({ rest: [id] }: { rest: readonly string[] }) {
  return id === undefined ? <RolloutList /> : <RolloutDetail key={id} id={id} />;
}

function RolloutList() {
  const { value, error } = usePoll<{ items: RolloutView[] }>('/api/serving/v1/rollouts?limit=100');
  return (
    <Panel
      title="Rollouts"
      error={error}
      empty={value?.items.length === 0 ? 'None yet: an approved promotion starts one.' : undefined}
      wide
    >
      <Table columns={['model', 'versions', 'status', 'strategy', 'began']}>
        {value?.items.map((rollout) => (
          <tr key={rollout.rolloutId}>
            <th scope="row">
              <a href={linkTo('rollouts', rollout.rolloutId)}>{rollout.modelName}</a> <span className="quiet">{rollout.environment}</span>
            </th>
            <td>{rollout.championVersion ? `${rollout.championVersion} to ${rollout.version}` : `${rollout.version} (first)`}</td>
            <td>
              <RolloutStatus rollout={rollout} />
            </td>
            <td>{strategyText(rollout.strategy)}</td>
            <td className="quiet">{moment(rollout.createdAt)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

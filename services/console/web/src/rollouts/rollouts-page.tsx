import { Panel } from '../panel';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { type RolloutView, strategyText } from './rollout-api';
import { RolloutDetail } from './rollout-detail';
import { RolloutStatus } from './rollout-status';
import './rollouts.css';

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
      <table>
        <thead>
          <tr>
            <th scope="col">model</th>
            <th scope="col">versions</th>
            <th scope="col">status</th>
            <th scope="col">strategy</th>
            <th scope="col">began</th>
          </tr>
        </thead>
        <tbody>
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
              <td className="quiet">{new Date(rollout.createdAt).toLocaleString()}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

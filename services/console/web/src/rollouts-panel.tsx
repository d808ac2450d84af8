import type { Rollout } from './api';
import { Panel } from './panel';
import { linkTo } from './use-place';
import { usePoll } from './use-poll';

const tone: Record<string, string> = { completed: 'tag good', 'rolled-back': 'tag bad', aborted: 'tag bad', 'no-winner': 'tag' };

export function RolloutsPanel() {
  const { value, error } = usePoll<{ items: Rollout[] }>('/api/serving/v1/rollouts');
  return (
    <Panel title="Rollouts" error={error} empty={value?.items.length === 0 ? 'None yet: an approved promotion starts one.' : undefined}>
      <ul className="plain-list">
        {value?.items.map((rollout) => (
          <li key={rollout.rolloutId}>
            <a href={linkTo('rollouts', rollout.rolloutId)}>
              {rollout.modelName}{' '}
              {rollout.championVersion ? `${rollout.championVersion} to ${rollout.version}` : `${rollout.version} (first)`}
            </a>{' '}
            <span className={tone[rollout.status] ?? 'tag'}>{rollout.status === 'no-winner' ? 'no winner' : rollout.status}</span>
            {rollout.status in tone ? null : <span className="quiet"> at {rollout.percent} %</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

import { hasEnded, type RolloutView } from './rollout-api';

function statusText(status: RolloutView['status'], percent: number): string {
  if (status === 'running') return `running at ${percent} %`;
  return status === 'no-winner' ? 'finished without a winner' : status;
}

const tone: Record<string, string> = { completed: 'tag good', 'rolled-back': 'tag bad', aborted: 'tag bad' };

/** Where a rollout stands, as a tag. */
export function RolloutStatus({ rollout }: { rollout: RolloutView }) {
  const { status, percent, isPaused, isOverride } = rollout;
  return (
    <>
      <span className={tone[status] ?? 'tag'}>{statusText(status, percent)}</span>
      {isPaused && !hasEnded(rollout) ? <span className="tag">paused</span> : null}
      {isOverride ? <span className="tag bad">override</span> : null}
    </>
  );
}

import type { RolloutView } from './rollout-api';

const tone: Record<string, string> = { completed: 'tag good', 'rolled-back': 'tag bad', aborted: 'tag bad' };

/** Where a rollout stands, as a tag. */
export function RolloutStatus({ rollout: { status, percent, isPaused } }: { rollout: RolloutView }) {
  return (
    <>
      <span className={tone[status] ?? 'tag'}>{status === 'running' ? `running at ${percent} %` : status}</span>
      {isPaused ? <span className="tag">paused</span> : null}
    </>
  );
}

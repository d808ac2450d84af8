import { useState } from 'react';
import { exactMoment } from '../moment';
import { Panel } from '../panel';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { Figures, JudgeTable } from './judge-table';
import { type Comparison, hasEnded, type Judgement, metricText, type RolloutStep, type RolloutView, strategyText } from './rollout-api';
import { RolloutCharts } from './rollout-charts';
import { RolloutStatus } from './rollout-status';
import { SideBySide } from './side-by-side';
import { Steering } from './steering';

/** One rollout: where it stands, both versions side by side, what was decided and why, and the ways to steer it. */
export function RolloutDetail({ id }: { id: string }) {
  const rollout = usePoll<RolloutView & { steps: RolloutStep[] }>(`/api/serving/v1/rollouts/${id}`, 1000);
  const comparison = usePoll<Comparison>(`/api/monitoring/v1/rollouts/${id}/comparison`, 2000);
  const judgements = usePoll<{ items: Judgement[] }>(`/api/monitoring/v1/rollouts/${id}/judgements?order=newest&limit=100`, 2000);
  const [steered, setSteered] = useState<RolloutView>();
  const known = rollout.value;
  if (!known) return <Panel title="Rollout" error={rollout.error} empty={rollout.error ? undefined : 'Loading'} wide />;
  const isNewer = steered && steered.rolloutId === known.rolloutId && hasEnded(steered) && !hasEnded(known);
  const shown = isNewer ? steered : known;
  return (
    <>
      <Panel title={`${shown.modelName}: ${shown.championVersion ?? 'none'} to ${shown.version}`} error={rollout.error} wide>
        <p>
          <a href={linkTo('rollouts')}>All rollouts</a>
        </p>
        <p>
          <RolloutStatus rollout={shown} />{' '}
          <span className="quiet">
            {strategyText(shown.strategy)} in {shown.environment}
          </span>
        </p>
        <ShareBar rollout={shown} />
        {isAlone(shown) ? (
          <p className="quiet">
            version {shown.championVersion} sees copies of {shown.strategy.baselinePercent ?? 10} % of the requests, to compare with; nobody
            gets its answers
          </p>
        ) : null}
        <p className="quiet">
          requested by {shown.requestedBy}, approved by {shown.approvedBy}
          {shown.isOverride ? '; what spoke against it was overridden' : ''}
          {shown.isMarked ? '; the version is not tried again without an override' : ''}
        </p>
        <Steering rollout={shown} onSteered={setSteered} />
      </Panel>
      <Panel title="Both versions side by side" error={comparison.value ? undefined : comparison.error} wide>
        {comparison.value ? <SideBySide comparison={comparison.value} latest={judgements.value?.items[0]} /> : null}
        {comparison.value ? <RolloutCharts comparison={comparison.value} metric={metricText(shown.strategy)} /> : null}
      </Panel>
      {comparison.value?.judge ? (
        <Panel title="What the judge sees" wide>
          <JudgeTable judge={comparison.value.judge} />
        </Panel>
      ) : null}
      <Panel title="What happened, and why" wide>
        <ol className="plain-list moves" reversed>
          {[...known.steps].reverse().map((step) => (
            <li key={`${step.at}/${step.move}`}>
              <strong>{moves[step.move] ?? step.move}</strong> at {step.percent} %, step {step.step + 1}{' '}
              <time className="quiet">{exactMoment(step.at)}</time>
              <Reasons of={step.reasons} />
            </li>
          ))}
        </ol>
      </Panel>
      <Panel
        title="Verdicts"
        wide
        error={judgements.value ? undefined : judgements.error}
        empty={judgements.value?.items.length === 0 ? 'None yet.' : undefined}
      >
        <ol className="plain-list moves" reversed>
          {judgements.value?.items.map((judgement) => (
            <li key={judgement.judgementId}>
              <span className={tone[judgement.verdict]}>{judgement.verdict.replaceAll('-', ' ')}</span> on step {judgement.step + 1}{' '}
              <time className="quiet">{exactMoment(judgement.judgedAt)}</time>
              <Reasons of={judgement.reasons} />
              <Figures of={judgement.evidence} />
            </li>
          ))}
        </ol>
      </Panel>
    </>
  );
}

const moves: Record<string, string> = {
  load: 'the gateways load it',
  'note-loaded': 'a gateway has loaded it',
  start: 'begins',
  advance: 'goes on',
  'keep-verdict': 'verdict kept for later',
  stay: 'stays where it is',
  pause: 'paused',
  unpause: 'goes on after a pause',
  complete: 'completed',
  'no-winner': 'ends without a winner',
  'roll-back': 'rolled back',
  abort: 'aborted',
};

const tone: Record<string, string> = { pass: 'tag good', fail: 'tag bad', 'insufficient-data': 'tag' };

function Reasons({ of }: { of: readonly string[] }) {
  return of.length === 0 ? null : (
    <ul className="reasons">
      {of.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}

/** True while the version answers everything and is still judged. */
function isAlone({ status, percent, strategy, championVersion }: RolloutView): boolean {
  return status === 'running' && percent === 100 && strategy.kind !== 'shadow' && championVersion !== null;
}

function ShareBar({ rollout: { percent, status, version, championVersion, strategy } }: { rollout: RolloutView }) {
  const isCopied = strategy.kind === 'shadow' && status === 'running';
  const share = status === 'completed' ? 100 : status === 'running' && !isCopied ? percent : 0;
  const text = isCopied
    ? `version ${version} sees copies of ${percent} % and answers nobody`
    : `version ${version} answers ${share} %, version ${championVersion ?? '-'} ${100 - share} %`;
  return (
    <div className="share-bar" role="img" aria-label={text} title={text}>
      <span style={{ width: `${100 - share}%` }} className="of-champion" />
      <span style={{ width: `${share}%` }} className="of-candidate" />
    </div>
  );
}

import { lazy, type ReactNode, Suspense, useState } from 'react';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { DecisionsPanel } from './decisions-panel';
import { ProposalsPanel } from './proposals-panel';
import { RunsPanel } from './runs-panel';
import './training.css';
import { type Listed, training } from './training-api';

// charts are heavy: they come when somebody looks at a run
const RunView = lazy(() => import('./run-view').then((module) => ({ default: module.RunView })));
const CompareView = lazy(() => import('./compare-view').then((module) => ({ default: module.CompareView })));

/** Runs and why there are none: a list, one of them, or some side by side. */
export function TrainingPage({ rest: [view, ids = ''] }: { rest: readonly string[] }) {
  if (view === 'run')
    return (
      <Below>
        <RunView key={ids} runId={ids} />
      </Below>
    );
  if (view === 'compare')
    return (
      <Below>
        <CompareView key={ids} ids={ids.split(',')} />
      </Below>
    );
  return <Overview />;
}

function Below({ children }: { children: ReactNode }) {
  return (
    <>
      <p className="wide back">
        <a href={linkTo('training')}>All runs</a>
      </p>
      <Suspense fallback={<p className="quiet">Loading</p>}>{children}</Suspense>
    </>
  );
}

function Overview() {
  const [pipeline, setPipeline] = useState('');
  const { value } = usePoll<Listed<{ name: string; title?: string }>>(training('pipelines?limit=200'), 10_000);
  return (
    <>
      <label className="wide back">
        Pipeline{' '}
        <select value={pipeline} onChange={(event) => setPipeline(event.target.value)}>
          <option value="">all</option>
          {value?.items.map(({ name, title }) => (
            <option key={name} value={name}>
              {title ?? name}
            </option>
          ))}
        </select>
      </label>
      <ProposalsPanel />
      <RunsPanel key={pipeline} pipeline={pipeline} />
      <DecisionsPanel pipeline={pipeline} />
    </>
  );
}

import { exactMoment } from '../moment';
import { Panel } from '../panel';
import { Table } from '../table';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { ChampionChart, CurveChart, EvaluationCharts, TrialsChart } from './evaluation-charts';
import { GroupTables, SlicesTable } from './group-tables';
import { type Decision, type Evaluation, type Listed, type Run, type Series, type Step, type Trial, training } from './training-api';
import { figure, lasted, statusTone } from './words';

/** One run: why it was, how far it is, what it gave. */
export function RunView({ runId }: { runId: string }) {
  const { value: run, error } = usePoll<Run>(training(`runs/${runId}`), 2000);
  if (!run) return <Panel title="Run" wide error={error} empty={error ? undefined : 'Loading'} />;
  return (
    <>
      <RunFacts run={run} error={error} />
      <WhyPanel run={run} />
      <StepsPanel runId={runId} />
      <CurvesPanel runId={runId} />
      <TrialsPanel runId={runId} metric={run.recipe.search?.metric ?? 'logLoss'} />
      {run.result?.reportDigest ? <EvaluationPanel runId={runId} /> : null}
    </>
  );
}

function RunFacts({ run, error }: { run: Run; error: string | undefined }) {
  const { result, progress, status } = run;
  const facts: [string, string][] = [
    ['pipeline', `${run.pipelineName}, version ${run.pipelineVersion ?? 'unknown'}`],
    ['model', run.modelName],
    ['dataset', `${run.datasetName} ${figure(run.datasetVersion)}`],
    [
      'trainer',
      [run.recipe.trainer, ...Object.entries(result?.params ?? {}).map(([name, value]) => `${name} ${figure(value)}`)].join(', '),
    ],
    ...(result?.program
      ? [['program', `${result.program.version ?? ''} ${figure(result.program.digest)}`.trim()] as [string, string]]
      : []),
    ['requested', `${exactMoment(run.requestedAt)} by ${run.requestedBy}`],
    ['took', `${lasted(run.startedAt, run.finishedAt)}, attempt ${run.attempt}`],
    ...(result
      ? [
          [
            'learnt from',
            `${figure(result.trainedOn.rowCount)} rows, judged on ${figure(result.evaluatedOn.rowCount)} others, held out`,
          ] as [string, string],
        ]
      : []),
    ...(result ? [['artifact', figure(result.artifactDigest)] as [string, string]] : []),
    ...(run.note ? [['note', run.note] as [string, string]] : []),
  ];
  return (
    <Panel title={`Run ${run.runId}`} wide error={error}>
      <p>
        <span className={statusTone[status] ?? 'tag'}>{status}</span> {run.reason}
        {status === 'running' && progress ? (
          <>
            {' '}
            {progress.step} <progress max={100} value={progress.percent ?? 0} /> {progress.percent ?? 0} %
            {progress.secondsLeft === undefined ? null : `, ${Math.round(progress.secondsLeft)} s left`}
          </>
        ) : null}
      </p>
      <div className="run-facts">
        <dl>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {result ? <MetricsTable run={run} /> : null}
      </div>
      {result?.champion?.comparison ? <ChampionChart {...result.champion.comparison} /> : null}
    </Panel>
  );
}

function MetricsTable({ run: { result } }: { run: Run }) {
  const champion = result?.champion;
  return (
    <Table columns={['metric', 'this run', ...(champion ? [`champion, version ${champion.version}`] : [])]}>
      {Object.entries(result?.metrics ?? {})
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="number">{figure(value)}</td>
            {champion ? <td className="number">{figure(champion.metrics[name])}</td> : null}
          </tr>
        ))}
    </Table>
  );
}

function WhyPanel({ run }: { run: Run }) {
  const { value, error } = usePoll<Listed<Decision>>(
    training(`triggers?limit=200&pipeline=${encodeURIComponent(run.pipelineName)}`),
    10_000,
  );
  const decision = value?.items.find(({ triggerId }) => triggerId === run.triggerId);
  const verdict = run.result?.champion?.comparison;
  return (
    <Panel title="Why" error={error}>
      <p>
        {decision
          ? `${decision.cause.replaceAll('-', ' ')}: ${decision.reasons.join('; ')}`
          : 'The decision is not among the last 200 of the pipeline.'}
      </p>
      {verdict ? (
        <p>
          Beside the champion it is <span className={statusTone[verdict.verdict] ?? 'tag'}>{verdict.verdict.replaceAll('-', ' ')}</span>:{' '}
          {verdict.metric} differs by {figure(verdict.difference)} (95 %: {figure(verdict.interval[0])} to {figure(verdict.interval[1])}) on{' '}
          {figure(verdict.rowCount)} rows.
        </p>
      ) : null}
    </Panel>
  );
}

function StepsPanel({ runId }: { runId: string }) {
  const { value, error } = usePoll<Listed<Step>>(training(`runs/${runId}/steps`), 2000);
  return (
    <Panel title="Steps" error={error}>
      <ol className="steps-list">
        {value?.items.map(({ name, needs, status, reusedFrom, startedAt, finishedAt }) => (
          <li key={name}>
            <strong>{name}</strong> <span className={status === 'done' || status === 'reused' ? 'tag good' : 'tag'}>{status}</span>{' '}
            {reusedFrom ? (
              <a href={linkTo('training', 'run', reusedFrom)}>inputs did not change</a>
            ) : (
              <span className="quiet">
                {status === 'waiting' ? `after ${needs.join(', ') || 'nothing'}` : lasted(startedAt, finishedAt)}
              </span>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function CurvesPanel({ runId }: { runId: string }) {
  const { value, error } = usePoll<Listed<Series>>(training(`runs/${runId}/metrics`));
  const series = value?.items.filter(({ name }) => !name.startsWith('trial.')) ?? [];
  if (!error && series.length === 0) return null;
  return (
    <Panel title="Curves" wide error={error}>
      <div className="charts">
        {series.map(({ name, points }) => (
          <CurveChart key={name} name={name} curves={[{ label: name, points }]} />
        ))}
      </div>
    </Panel>
  );
}

function TrialsPanel({ runId, metric }: { runId: string; metric: string }) {
  const { value, error } = usePoll<Listed<Trial>>(training(`runs/${runId}/trials`));
  const trials = value?.items ?? [];
  if (!error && trials.length === 0) return null;
  const refused = trials.filter(({ value: measured }) => measured === null);
  return (
    <Panel title="Trials" wide error={error}>
      <div className="charts">
        <TrialsChart trials={trials} metric={metric} />
        <Table columns={['trial', 'round', 'rows', metric, 'parameters']}>
          {[...trials]
            .filter(({ value: measured }) => measured !== null)
            .sort((a, b) => b.round - a.round || a.number - b.number)
            .slice(0, 30)
            .map((trial) => (
              <tr key={`${trial.round}-${trial.number}`}>
                <td className="number">{trial.number}</td>
                <td className="number">{trial.round}</td>
                <td className="number">{Math.round(trial.rows * 100)} %</td>
                <td className="number">{figure(trial.value)}</td>
                <td>
                  {Object.entries(trial.params)
                    .map(([name, tried]) => `${name} ${figure(tried)}`)
                    .join(', ')}
                </td>
              </tr>
            ))}
        </Table>
      </div>
      {refused.length > 0 ? <p className="quiet">{`${refused.length} trials were refused: ${refused[0]!.reason}`}</p> : null}
    </Panel>
  );
}

function EvaluationPanel({ runId }: { runId: string }) {
  const { value, error } = usePoll<Evaluation>(training(`runs/${runId}/artifacts/evaluation.json`), 60_000);
  if (!value) return <Panel title="Evaluation" wide error={error} empty={error ? undefined : 'Loading'} />;
  return (
    <Panel title="Evaluation on the hold-out" wide error={error}>
      <p className="quiet">
        {value.measures
          .map(
            (measure) =>
              `${measure.name} ${figure(measure.value)}${measure.interval ? ` (${measure.interval.map(figure).join(' to ')})` : ''}`,
          )
          .join(' · ')}
      </p>
      <EvaluationCharts evaluation={value} />
      <GroupTables evaluation={value} />
      <SlicesTable evaluation={value} />
    </Panel>
  );
}

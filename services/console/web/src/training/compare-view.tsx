import { useMemo } from 'react';
import { exactMoment } from '../moment';
import { Panel } from '../panel';
import { Table } from '../table';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { CurveChart } from './evaluation-charts';
import { type ComparedRow, type Listed, type Run, type Series, training } from './training-api';
import { figure } from './words';

/** Runs side by side: what differs, and their curves on top of each other. */
export function CompareView({ ids }: { ids: readonly string[] }) {
  const { value, error } = usePoll<{ runs: Run[]; rows: ComparedRow[] }>(training(`runs/compare?ids=${ids.join(',')}`), 5000);
  return (
    <>
      <Panel title={`Comparison of ${ids.length} runs`} wide error={error} empty={value || error ? undefined : 'Loading'}>
        <div className="picture">
          <Table
            className="compared"
            columns={[
              'what',
              ...(value?.runs ?? []).map(({ runId, pipelineName, requestedAt }) => (
                <a key={runId} href={linkTo('training', 'run', runId)}>
                  {pipelineName}, {exactMoment(requestedAt)}
                </a>
              )),
            ]}
          >
            {value?.rows.map(({ kind, name, values, isSame }) => (
              <tr key={kind + name} className={isSame ? 'quiet' : 'differs'}>
                <th scope="row">
                  <span className="quiet">{kind}</span> {name}
                </th>
                {value.runs.map(({ runId }, at) => (
                  <td key={runId} className="number">
                    {figure(values[at])}
                  </td>
                ))}
              </tr>
            ))}
          </Table>
        </div>
      </Panel>
      {value ? <Curves runs={value.runs} /> : null}
    </>
  );
}

function Curves({ runs }: { runs: readonly Run[] }) {
  const [first, second, third] = runs;
  // a hook each, always in the same order: more than three curves on top of each other tell nobody anything
  const polled = [useSeries(first), useSeries(second), useSeries(third)];
  const names = [...new Set(polled.flatMap((series) => series.map(({ name }) => name)))].filter((name) => !name.startsWith('trial.'));
  if (names.length === 0) return null;
  return (
    <Panel title="Curves" wide>
      <div className="charts">
        {names.map((name) => (
          <Overlaid key={name} name={name} runs={runs} polled={polled} />
        ))}
      </div>
    </Panel>
  );
}

function Overlaid({ name, runs, polled }: { name: string; runs: readonly Run[]; polled: readonly Series[][] }) {
  const key = JSON.stringify(polled.map((series) => series.find((one) => one.name === name)?.points.length));
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn again when points have come, not at every look
  const curves = useMemo(
    () =>
      polled.flatMap((series, at) =>
        series.filter((one) => one.name === name).map(({ points }) => ({ label: `${at + 1}: ${runs[at]!.pipelineName}`, points })),
      ),
    [key, name],
  );
  return <CurveChart name={name} curves={curves} />;
}

function useSeries(run: Run | undefined): Series[] {
  const { value } = usePoll<Listed<Series>>(training(run ? `runs/${run.runId}/metrics` : 'runs?limit=1'), 5000);
  return run ? (value?.items ?? []) : [];
}

import { useState } from 'react';
import { exactMoment } from '../moment';
import { Panel } from '../panel';
import { Table } from '../table';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { type Listed, type Run, training } from './training-api';
import { figure, lasted, statusTone } from './words';

const orders = [
  ['', 'newest first'],
  ['-metric.auc', 'highest AUC'],
  ['metric.logLoss', 'lowest log loss'],
  ['metric.rmse', 'lowest RMSE'],
] as const;

/** Runs, to be looked up by what they reached and had, and put side by side. */
export function RunsPanel({ pipeline }: { pipeline: string }) {
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const words = filter.split(/\s+and\s+/).filter((word) => word.trim() !== '');
  const query = new URLSearchParams([
    ['limit', '25'],
    ...(pipeline === '' ? [] : [['pipeline', pipeline]]),
    ...words.map((word) => ['filter', word.trim()]),
    ...(sort === '' ? [] : [['sort', sort]]),
    ...(cursors.length === 0 ? [] : [['cursor', cursors.at(-1)!]]),
  ]);
  const { value, error } = usePoll<Listed<Run>>(training(`runs?${query}`));
  const choose = (id: string) =>
    setChosen((former) => (former.includes(id) ? former.filter((one) => one !== id) : [...former, id].slice(-20)));
  const begin = (change: () => void) => {
    setCursors([]);
    change();
  };
  return (
    <Panel title="Runs" wide error={error}>
      <div className="bar">
        <label>
          Look up{' '}
          <input
            value={filter}
            size={34}
            placeholder="metric.auc>=0.8 and param.l2<10"
            onChange={(event) => begin(() => setFilter(event.target.value))}
          />
        </label>
        <label>
          Order{' '}
          <select value={sort} onChange={(event) => begin(() => setSort(event.target.value))}>
            {orders.map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {chosen.length >= 2 ? (
          <a href={linkTo('training', 'compare', chosen.join(','))}>Compare {chosen.length} runs</a>
        ) : (
          <span className="quiet">choose two runs to compare them</span>
        )}
      </div>
      {value?.items.length === 0 ? <p className="quiet">No run is like that.</p> : null}
      <Table
        className="runs"
        columns={[
          <span key="choose" className="unseen">
            choose
          </span>,
          'requested',
          'pipeline',
          'trainer',
          'status',
          'AUC',
          'log loss or RMSE',
          'beside the champion',
          'took',
          'tags',
        ]}
      >
        {value?.items.map((run) => (
          <RunRow key={run.runId} run={run} isChosen={chosen.includes(run.runId)} onChoose={() => choose(run.runId)} />
        ))}
      </Table>
      <div className="bar">
        <button type="button" className="plain" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          Newer
        </button>
        <button type="button" className="plain" disabled={!value?.nextCursor} onClick={() => setCursors([...cursors, value!.nextCursor!])}>
          Older
        </button>
      </div>
    </Panel>
  );
}

function RunRow({ run, isChosen, onChoose }: { run: Run; isChosen: boolean; onChoose: () => void }) {
  const { runId, requestedAt, pipelineName, recipe, status, result, startedAt, finishedAt, tags, reason } = run;
  const verdict = result?.champion?.comparison?.verdict;
  return (
    <tr>
      <td>
        <input type="checkbox" checked={isChosen} onChange={onChoose} aria-label={`choose the run of ${pipelineName} at ${requestedAt}`} />
      </td>
      <td className="number">
        <a href={linkTo('training', 'run', runId)}>{exactMoment(requestedAt)}</a>
      </td>
      <td>{pipelineName}</td>
      <td>{recipe.trainer}</td>
      <td>
        <span className={statusTone[status] ?? 'tag'}>{status}</span>
        {reason ? <div className="quiet">{reason}</div> : null}
      </td>
      <td className="number">{figure(result?.metrics['auc'])}</td>
      <td className="number">{figure(result?.metrics['logLoss'] ?? result?.metrics['rmse'])}</td>
      <td>{verdict ? <span className={statusTone[verdict] ?? 'tag'}>{verdict.replaceAll('-', ' ')}</span> : null}</td>
      <td className="number">{lasted(startedAt, finishedAt)}</td>
      <td>
        {Object.entries(tags)
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')}
      </td>
    </tr>
  );
}

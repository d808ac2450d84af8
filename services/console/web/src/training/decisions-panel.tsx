import { exactMoment } from '../moment';
import { Panel } from '../panel';
import { Table } from '../table';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { type Decision, type Listed, training } from './training-api';

/** Why something was trained, or was not. */
export function DecisionsPanel({ pipeline }: { pipeline: string }) {
  const query = pipeline === '' ? '' : `&pipeline=${encodeURIComponent(pipeline)}`;
  const { value, error } = usePoll<Listed<Decision>>(training(`triggers?limit=50${query}`));
  return (
    <Panel
      title="Why something was trained, or was not"
      wide
      error={error}
      empty={
        value?.items.length === 0
          ? 'Nothing has been a reason to train yet: a first dataset version, drift or a schedule is one.'
          : undefined
      }
    >
      <div className="scroll">
        <Table className="decisions" columns={['when', 'pipeline', 'cause', 'decision', 'reasons']}>
          {value?.items.map(({ triggerId, decidedAt, pipelineName, cause, outcome, reasons, runId }) => (
            <tr key={triggerId}>
              <td className="number">{exactMoment(decidedAt)}</td>
              <td>{pipelineName}</td>
              <td>{cause.replaceAll('-', ' ')}</td>
              <td>
                {runId ? (
                  <a href={linkTo('training', 'run', runId)} className="tag good">
                    run
                  </a>
                ) : (
                  <span className="tag">{outcome}</span>
                )}
              </td>
              <td>
                <ul className="plain-list">
                  {reasons.map((reason) => (
                    <li key={reason}>{reason}</li>
                  ))}
                </ul>
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}

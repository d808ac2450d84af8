import { Panel } from '../panel';
import { Table } from '../table';
import { usePoll } from '../use-poll';
import { api, type Waiting, words } from './ingestion';

const shown = 12;

/** What waits in quarantine, over all batches: most first. */
export function WaitingPanel() {
  const { value, error } = usePoll<{ waiting: Waiting[] }>(`${api}/quarantine/counts`);
  const waiting = value?.waiting ?? [];
  const most = Math.max(1, ...waiting.map(({ recordCount }) => recordCount));
  return (
    <Panel title="Waiting in quarantine" wide error={error} empty={value && waiting.length === 0 ? 'Nothing waits.' : undefined}>
      <Table columns={['dataset', 'reason', 'field', 'records', 'batches']}>
        {waiting.slice(0, shown).map(({ datasetName, code, field, recordCount, batchCount }) => (
          <tr key={`${datasetName} ${code} ${field}`}>
            <td>{datasetName}</td>
            <td>{words(code)}</td>
            <td>{field ?? <span className="quiet">the record</span>}</td>
            <td className="number">
              <span className="share">
                <span style={{ width: `${Math.max(2, Math.round((recordCount / most) * 80))}px` }} />
                {recordCount}
              </span>
            </td>
            <td className="number">{batchCount}</td>
          </tr>
        ))}
      </Table>
      {waiting.length > shown ? <p className="quiet">and {waiting.length - shown} more</p> : null}
    </Panel>
  );
}

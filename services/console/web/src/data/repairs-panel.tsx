import { Panel } from '../panel';
import { Table } from '../table';
import { usePoll } from '../use-poll';
import { api, type Page, type RepairedCell, words } from './ingestion';

/** What was repaired in a batch: how often, and the first cells with the text as it was sent. */
export function RepairsPanel(props: { batchId: string; counts: Record<string, Record<string, number>>; cellCount: number }) {
  const { batchId, counts, cellCount } = props;
  const { value, error } = usePoll<Page<RepairedCell>>(`${api}/batches/${batchId}/repairs?limit=20`, 60_000);
  const texts = Object.entries(counts).flatMap(([field, kinds]) =>
    Object.entries(kinds).map(([kind, count]) => `${field}: ${words(kind)} ${count}`),
  );
  return (
    <Panel title={`Repaired cells: ${cellCount}`} wide error={error}>
      <p className="quiet">{texts.join(' · ')}</p>
      <div className="scroll-across">
        <Table columns={['record', 'field', 'as it was sent', 'as it is stored', 'how']}>
          {value?.items.map(({ row, field, original, value: stored, repairs }) => (
            <tr key={`${row} ${field}`}>
              <td className="number">{row}</td>
              <td>{field}</td>
              <td>
                <code>{original}</code>
              </td>
              <td>{stored === null ? <span className="quiet">no value</span> : <code>{stored}</code>}</td>
              <td>{repairs.map(words).join(', ')}</td>
            </tr>
          ))}
        </Table>
      </div>
      {cellCount > 20 ? <p className="quiet">The first 20 are shown.</p> : null}
    </Panel>
  );
}

import { useState } from 'react';
import { moment } from '../moment';
import { Panel } from '../panel';
import { Table } from '../table';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { api, type Batch, type Page, verdictOf } from './ingestion';

/** The newest batches, with their verdicts; of one dataset where it is chosen. */
export function BatchesPanel({ selected }: { selected: string | undefined }) {
  const [dataset, setDataset] = useState('');
  const query = dataset === '' ? '' : `&dataset=${encodeURIComponent(dataset)}`;
  const { value, error } = usePoll<Page<Batch>>(`${api}/batches?limit=50${query}`);
  const { value: datasets } = usePoll<Page<{ name: string }>>(`${api}/datasets?limit=100`, 15_000);
  return (
    <Panel title="Batches" wide error={error} empty={value?.items.length === 0 && dataset === '' ? 'No batch was sent yet.' : undefined}>
      <label className="inline">
        Dataset{' '}
        <select value={dataset} onChange={(event) => setDataset(event.target.value)}>
          <option value="">all</option>
          {datasets?.items.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <div className="scroll-across">
        <Table className="batches" columns={['received', 'dataset', 'verdict', 'read', 'accepted', 'quarantined', 'dropped', 'warnings']}>
          {value?.items.map((batch) => (
            <BatchRow key={batch.batchId} batch={batch} isSelected={batch.batchId === selected} />
          ))}
        </Table>
      </div>
    </Panel>
  );
}

function BatchRow({ batch, isSelected }: { batch: Batch; isSelected: boolean }) {
  const { batchId, datasetName, report, receivedAt } = batch;
  const { text, tone } = verdictOf(batch);
  const warnings = report?.warnings?.length ?? 0;
  return (
    <tr aria-current={isSelected || undefined}>
      <td className="number">
        <a href={linkTo('data', batchId)}>{moment(receivedAt)}</a>
      </td>
      <td>{datasetName}</td>
      <td>
        <span className={tone}>{text}</span>
      </td>
      <td className="number">{report?.recordCount ?? ''}</td>
      <td className="number">{report?.acceptedCount ?? ''}</td>
      <td className="number">{report?.balance?.quarantined ?? report?.quarantinedCount ?? ''}</td>
      <td className="number">{report?.balance?.dropped ?? ''}</td>
      <td className="number">{warnings > 0 ? <span className="tag warn">{warnings}</span> : ''}</td>
    </tr>
  );
}

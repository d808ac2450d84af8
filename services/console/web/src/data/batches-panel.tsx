import { useState } from 'react';
import { Panel } from '../panel';
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
        <table className="batches">
          <thead>
            <tr>
              <th scope="col">received</th>
              <th scope="col">dataset</th>
              <th scope="col">verdict</th>
              <th scope="col">read</th>
              <th scope="col">accepted</th>
              <th scope="col">quarantined</th>
              <th scope="col">dropped</th>
              <th scope="col">warnings</th>
            </tr>
          </thead>
          <tbody>
            {value?.items.map((batch) => (
              <BatchRow key={batch.batchId} batch={batch} isSelected={batch.batchId === selected} />
            ))}
          </tbody>
        </table>
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
        <a href={linkTo('data', batchId)}>{new Date(receivedAt).toLocaleString()}</a>
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

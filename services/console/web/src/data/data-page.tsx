import { BatchPanel } from './batch-panel';
import { BatchesPanel } from './batches-panel';
import './data.css';
import { SourcesPanel } from './sources-panel';
import { WaitingPanel } from './waiting-panel';

/** Batches, why records were refused, and quarantine with a way to fix and replay; and the sources that records are pulled from. The second word of the address is a batch. */
export function DataPage({ batchId }: { batchId: string | undefined }) {
  return (
    <>
      {batchId === undefined ? <WaitingPanel /> : <BatchPanel key={batchId} batchId={batchId} />}
      <BatchesPanel selected={batchId} />
      {batchId === undefined ? <SourcesPanel /> : null}
    </>
  );
}

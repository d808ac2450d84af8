import { moment } from '../moment';
import { Panel } from '../panel';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { api, type Batch, type Report, verdictOf, words } from './ingestion';
import { QuarantinePanel, useMaySettle } from './quarantine-panel';
import { RepairsPanel } from './repairs-panel';
import { ResendForm } from './resend-form';

/** One batch: its verdict and the reasons, then its quarantine. */
export function BatchPanel({ batchId }: { batchId: string }) {
  const { value: batch, error } = usePoll<Batch>(`${api}/batches/${encodeURIComponent(batchId)}`);
  const maySend = useMaySettle();
  if (!batch) return <Panel title="Batch" wide error={error} empty={error ? undefined : 'Loading'} />;
  const { text, tone } = verdictOf(batch);
  const { report } = batch;
  return (
    <>
      <Panel title={`Batch of ${batch.datasetName}`} wide error={error}>
        <p className="quiet">
          <a href={linkTo('data')}>All of quarantine</a> · {batchId} · sent by {batch.sentBy} at {moment(batch.receivedAt)} · judged by{' '}
          {batch.contractName} version {batch.contractVersion} · {batch.sizeBytes.toLocaleString()} bytes of {batch.contentType}
        </p>
        <p>
          <span className={tone}>{text}</span>
        </p>
        {report ? <ReportView report={report} /> : <p className="quiet">It is being checked.</p>}
        {batch.status === 'rejected' ? (
          <ResendForm key={batch.batchId} batchId={batch.batchId} sentAs={batch.resubmittedBatchId} maySend={maySend} />
        ) : null}
      </Panel>
      {report && report.quarantinedCount + (report.balance?.dropped ?? 0) > 0 ? <QuarantinePanel batch={batch} /> : null}
      {report?.repairs ? <RepairsPanel batchId={batchId} counts={report.repairs.counts} cellCount={report.repairs.cellCount} /> : null}
    </>
  );
}

function ReportView({ report }: { report: Report }) {
  const { balance, replacedCount, rejection, findings = [], warnings = [], expectations, reasons, flags, notes } = report;
  const flagged = Object.entries(flags?.counts ?? {});
  return (
    <>
      {rejection.length > 0 ? <List title="Rejected because" items={rejection} tone="bad" /> : null}
      {balance ? <BalanceBar {...balance} /> : null}
      {replacedCount ? <p className="quiet">{replacedCount} records of the dataset made room for them</p> : null}
      <div className="columns">
        {Object.keys(reasons).length > 0 ? (
          <Counts title="Records by reason" counts={Object.entries(reasons)} of={report.recordCount} />
        ) : null}
        {flagged.length > 0 ? <Counts title="Flagged" counts={flagged} of={report.recordCount} /> : null}
        {warnings.length > 0 ? <List title="Warnings" items={warnings} tone="warn" /> : null}
        {findings.some(({ severity }) => severity === 'error') ? (
          <List
            title="Not explained by the history"
            items={findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)}
            tone="bad"
          />
        ) : null}
        {expectations.length > 0 ? (
          <div>
            <h3>Expectations</h3>
            <ul className="plain-list">
              {expectations.map(({ text, measured, holds, severity }) => (
                <li key={text}>
                  <span className={holds ? 'good' : severity === 'warning' ? 'warn' : 'bad'}>{holds ? 'holds' : 'missed'}</span> {text}
                  <span className="quiet"> (measured {Number(measured.toFixed(3))})</span>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        {notes.length > 0 ? <List title="Notes" items={notes} tone="quiet" /> : null}
      </div>
    </>
  );
}

function BalanceBar({ read, accepted, quarantined, dropped, rejected = 0 }: NonNullable<Report['balance']>) {
  const parts = [
    ['accepted', accepted],
    ['quarantined', quarantined],
    ['dropped', dropped],
    ['rejected', rejected],
  ] as const;
  const andRejected = rejected > 0 ? ` + ${rejected} rejected with the batch` : '';
  return (
    <>
      <div
        className="balance"
        role="img"
        aria-label={`${accepted} accepted, ${quarantined} quarantined, ${dropped} dropped, ${rejected} rejected, of ${read} read`}
      >
        {parts.map(([name, count]) => (count > 0 ? <span key={name} className={name} style={{ flexGrow: count }} /> : null))}
      </div>
      <p className="quiet">
        {read} read = {accepted} accepted + {quarantined} quarantined + {dropped} dropped by policy
        {andRejected}
      </p>
    </>
  );
}

function Counts({ title, counts, of }: { title: string; counts: [string, number][]; of: number }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul className="plain-list">
        {counts
          .sort(([, a], [, b]) => b - a)
          .map(([code, count]) => (
            <li key={code} className="share">
              <span style={{ width: `${Math.max(2, Math.round((count / Math.max(1, of)) * 100))}px` }} />
              {count} {words(code)}
            </li>
          ))}
      </ul>
    </div>
  );
}

function List({ title, items, tone }: { title: string; items: readonly string[]; tone: string }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul className={`plain-list ${tone}`}>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}

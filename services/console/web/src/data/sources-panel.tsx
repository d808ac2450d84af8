import { useState } from 'react';
import { call } from '../api';
import { moment } from '../moment';
import { Panel } from '../panel';
import { Table } from '../table';
import { usePoll } from '../use-poll';
import { hasOneOf, useSession } from '../use-session';
import { api, type Page, placeOf, type Source } from './ingestion';
import { TroublesTable } from './troubles-table';

/** Where records are pulled from: how far each source has come, when it is due, and what went wrong. */
export function SourcesPanel() {
  const session = useSession();
  const { value, error } = usePoll<Page<Source>>(`${api}/sources?limit=100`);
  const [open, setOpen] = useState<string>();
  const [busy, setBusy] = useState<string>();
  const [said, setSaid] = useState<{ text: string; isBad: boolean }>();
  const mayKeep = hasOneOf(session, 'scientist', 'operator', 'admin');
  const act = async (name: string, action: 'run' | 'pause' | 'resume') => {
    setBusy(name);
    try {
      const done = await call<{ batchIds?: string[]; trouble?: string | null }>(`${api}/sources/${name}/${action}`, { method: 'POST' });
      const count = done.batchIds?.length;
      const text = count === undefined ? `${name} ${action === 'pause' ? 'rests' : 'goes on'}` : `${name}: ${batches(count)}`;
      setSaid({ text: done.trouble ? `${text}; ${done.trouble}` : text, isBad: Boolean(done.trouble) });
    } catch (reason) {
      setSaid({ text: `${name}: ${(reason as Error).message}`, isBad: true });
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <Panel title="Sources" wide error={error} empty={value?.items.length === 0 ? 'Nothing is pulled.' : undefined}>
      <p role="status" className={said?.isBad ? 'bad' : 'good'}>
        {said?.text}
      </p>
      <div className="scroll-across">
        <Table className="sources" columns={['source', 'dataset', 'position', 'last pull', 'due', 'state', '']}>
          {value?.items.map((source) => (
            <SourceRow
              key={source.name}
              source={source}
              isOpen={source.name === open}
              onOpen={() => setOpen(source.name === open ? undefined : source.name)}
              onAct={mayKeep && busy === undefined ? (action) => void act(source.name, action) : undefined}
            />
          ))}
        </Table>
      </div>
      {open === undefined ? null : <TroublesTable key={open} source={open} mayRetry={mayKeep} />}
    </Panel>
  );
}

const batches = (count: number) => (count === 0 ? 'nothing new' : `${count} new ${count === 1 ? 'batch' : 'batches'}`);

function SourceRow(props: {
  source: Source;
  isOpen: boolean;
  onOpen: () => void;
  onAct: ((action: 'run' | 'pause' | 'resume') => void) | undefined;
}) {
  const { source, isOpen, onOpen, onAct } = props;
  const { name, datasetName, settings, watermark, lastRunAt, nextRunAt, isPaused, failures, lastError } = source;
  const isTable = settings.kind === 'postgres';
  return (
    <tr aria-current={isOpen || undefined}>
      <td>
        {name}
        <br />
        <span className="quiet">{placeOf(settings)}</span>
      </td>
      <td>{datasetName}</td>
      <td>{isTable ? <PositionOf watermark={watermark} /> : <span className="quiet">file by file</span>}</td>
      <td className="number">{lastRunAt === null ? <span className="quiet">never</span> : moment(lastRunAt)}</td>
      <td className="number">{isPaused ? <span className="tag">rests</span> : moment(nextRunAt)}</td>
      <td>
        <span className={failures > 0 ? 'tag bad' : lastError ? 'tag warn' : 'tag good'}>
          {failures > 0 ? `failed ${failures === 1 ? 'once' : `${failures} times`}` : lastError ? 'some files failed' : 'well'}
        </span>
        {lastError ? <div className="quiet wrapped">{lastError}</div> : null}
      </td>
      <td>
        <span className="actions">
          <button type="button" className="plain" disabled={!onAct} onClick={() => onAct?.('run')}>
            Pull now
          </button>
          <button type="button" className="plain" disabled={!onAct} onClick={() => onAct?.(isPaused ? 'resume' : 'pause')}>
            {isPaused ? 'Resume' : 'Pause'}
          </button>
          {isTable ? null : (
            <button type="button" className="plain" aria-expanded={isOpen} onClick={onOpen}>
              Files that failed
            </button>
          )}
        </span>
      </td>
    </tr>
  );
}

function PositionOf({ watermark }: { watermark: Source['watermark'] }) {
  if (watermark === null) return <span className="quiet">before the first row</span>;
  return (
    <>
      {watermark.watermark}
      <br />
      <span className="quiet">key {watermark.key}</span>
    </>
  );
}

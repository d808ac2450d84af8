import { useState } from 'react';
import { call } from '../api';
import { moment } from '../moment';
import { Table } from '../table';
import { usePoll } from '../use-poll';
import { api, type Page, type SourceTrouble } from './ingestion';

/** Files of a source that could not be read, with the reason, and a way to have them tried again. */
export function TroublesTable({ source, mayRetry }: { source: string; mayRetry: boolean }) {
  const path = `${api}/sources/${source}/troubles`;
  const { value, error } = usePoll<Page<SourceTrouble>>(`${path}?limit=100`);
  const [said, setSaid] = useState<string>();
  const retry = () =>
    call<{ count: number }>(`${path}/retry`, { method: 'POST' }).then(
      ({ count }) => setSaid(`the next pull tries ${count} ${count === 1 ? 'file' : 'files'} again`),
      (reason: Error) => setSaid(reason.message),
    );
  const troubles = value?.items ?? [];
  if (error) return <p className="bad">{error}</p>;
  return (
    <>
      <h3>Files of {source} that failed</h3>
      {value && troubles.length === 0 ? <p className="quiet">None{said ? `: ${said}` : ''}.</p> : null}
      {troubles.length > 0 ? (
        <>
          <div className="scroll-across">
            <Table columns={['file', 'why', 'tries', 'last try']}>
              {troubles.map(({ path: file, lastError, attempts, failedAt, isGivenUp }) => (
                <tr key={file}>
                  <td className="wrapped">{file}</td>
                  <td className="wrapped">{lastError}</td>
                  <td className="number">
                    {attempts} {isGivenUp ? <span className="tag bad">given up</span> : null}
                  </td>
                  <td className="number">{moment(failedAt)}</td>
                </tr>
              ))}
            </Table>
          </div>
          {value?.nextCursor ? <p className="quiet">and more: the first 100 by name are shown</p> : null}
          {mayRetry ? (
            <button type="button" onClick={() => void retry()}>
              Try all of them again
            </button>
          ) : null}
        </>
      ) : null}
    </>
  );
}

import { useState } from 'react';
import { call } from '../api';
import { moment } from '../moment';
import { Panel } from '../panel';
import { type Listed } from '../promotions/promotions-api';
import { Table } from '../table';
import { usePoll } from '../use-poll';

interface Delivery {
  readonly deliveryId: string;
  readonly messageType: string;
  readonly modelName: string;
  readonly status: 'pending' | 'delivered' | 'given-up';
  readonly attempts: number;
  readonly nextAt: string | null;
  readonly lastAnswer: string | null;
  readonly createdAt: string;
}

const tone = { pending: 'tag', delivered: 'tag good', 'given-up': 'tag bad' } as const;

/** Messages to one address, how they fared, and a way to send them again. */
export function Deliveries({ path, name, mayReplay }: { path: string; name: string; mayReplay: boolean }) {
  const { value, error } = usePoll<Listed<Delivery>>(`${path}/deliveries?limit=50`, 2000);
  const [fault, setFault] = useState<string>();
  const replay = (deliveryId: string) =>
    call(`${path}/deliveries/${deliveryId}/replay`, { method: 'POST' }).then(
      () => setFault(undefined),
      (reason: Error) => setFault(reason.message),
    );
  return (
    <Panel title={`Messages to ${name}`} wide error={error ?? fault} empty={value?.items.length === 0 ? 'None yet.' : undefined}>
      <Table
        className="deliveries"
        columns={[
          'event',
          'model',
          'outcome',
          'made',
          <span key="again" className="quiet">
            again
          </span>,
        ]}
      >
        {value?.items.map(({ deliveryId, messageType, modelName, status, attempts, nextAt, lastAnswer, createdAt }) => (
          <tr key={deliveryId}>
            <td>{messageType}</td>
            <td>{modelName}</td>
            <td>
              <span className={tone[status]}>{status}</span>{' '}
              <span className="quiet">
                {attempts === 1 ? '1 try' : `${attempts} tries`}
                {lastAnswer ? `, last: ${lastAnswer}` : ''}
                {nextAt ? `, next ${moment(nextAt)}` : ''}
              </span>
            </td>
            <td className="quiet">{moment(createdAt)}</td>
            <td>
              {mayReplay && status !== 'pending' ? (
                <button type="button" className="plain" onClick={() => void replay(deliveryId)}>
                  Send again
                </button>
              ) : null}
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

import type { ServiceHealth } from './api';
import { Panel } from './panel';
import { usePoll } from './use-poll';

export function ServicesPanel() {
  const { value, error } = usePoll<{ items: ServiceHealth[] }>('/services-health');
  return (
    <Panel title="Services" error={error} empty={value ? undefined : 'Asking the services'}>
      <table>
        <tbody>
          {value?.items.map(({ service, status, ms }) => (
            <tr key={service}>
              <th scope="row">{service}</th>
              <td>
                <span className={status === 'ready' ? 'tag good' : 'tag bad'}>{status}</span>
              </td>
              <td className="quiet number">{ms} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

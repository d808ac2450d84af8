import type { LiveEvent } from './api';
import { Panel } from './panel';
import { Table } from './table';

export function EventsPanel({ events, connected }: { events: LiveEvent[]; connected: boolean }) {
  return (
    <Panel
      title={connected ? 'Events, live' : 'Events, reconnecting'}
      wide
      empty={events.length === 0 ? 'Nothing has happened yet.' : undefined}
    >
      <div className="scroll">
        <Table className="events" columns={['time', 'event', 'about']}>
          {events.map((event) => (
            <tr key={event.id}>
              <td className="number">{event.time.slice(11, 23)}</td>
              <td>
                <code>{event.type}</code>
              </td>
              <td className="quiet">{describe(event)}</td>
            </tr>
          ))}
        </Table>
      </div>
    </Panel>
  );
}

function describe({ data, subject }: LiveEvent): string {
  const reasons = Array.isArray(data['reasons']) ? (data['reasons'] as string[]).join('; ') : undefined;
  const outcome = data['outcome'] ?? data['verdict'] ?? data['percent'];
  return [data['modelName'] ?? data['datasetName'] ?? subject, data['version'] ? `version ${data['version']}` : undefined, outcome, reasons]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

import type { ExampleStep } from './api';
import { Panel } from './panel';
import { usePoll } from './use-poll';

export function ExamplePanel() {
  const { value, error } = usePoll<{ items: ExampleStep[] }>('/example', 2000);
  return (
    <Panel
      wide
      title="Example"
      error={error}
      empty={value?.items.length === 0 ? 'No step finished yet, or no example is playing.' : undefined}
    >
      <ol className="plain-list steps">
        {value?.items.map(({ name, ok, ms, detail }) => (
          <li key={name}>
            <span className={ok ? 'tag good' : 'tag bad'}>{ok ? 'held' : 'failed'}</span> <strong>{name}</strong>{' '}
            <span className="quiet">{(ms / 1000).toFixed(1)} s</span>
            <p className="quiet">{detail}</p>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

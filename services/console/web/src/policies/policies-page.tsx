import { Panel } from '../panel';
import type { Listed } from '../promotions/promotions-api';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { PolicyView } from './policy-view';
import './policies.css';

/** What "production-ready" means, model by model. */
export function PoliciesPage({ rest: [model, version] }: { rest: readonly string[] }) {
  if (model !== undefined) return <PolicyView model={model} version={version === undefined ? undefined : Number(version)} />;
  return <ModelList />;
}

function ModelList() {
  const { value, error } = usePoll<Listed<{ name: string; title?: string }>>('/api/registry/v1/models?limit=100');
  return (
    <Panel title="Production-ready, by model" wide error={error} empty={value?.items.length === 0 ? 'No model yet.' : undefined}>
      <ul className="plain-list">
        {value?.items.map(({ name, title }) => (
          <li key={name}>
            <a href={linkTo('policies', name)}>{name}</a> <span className="quiet">{title}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

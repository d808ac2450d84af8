import type { Alias, Endpoint, ModelVersion } from './api';
import { Panel } from './panel';
import { Table } from './table';
import { usePoll } from './use-poll';

interface Page<T> {
  items: T[];
}

export function ModelsPanel() {
  const { value, error } = usePoll<Page<{ name: string; title?: string }>>('/api/registry/v1/models');
  return (
    <Panel title="Models" error={error} empty={value?.items.length === 0 ? 'No model yet: publish a dataset for a pipeline.' : undefined}>
      {value?.items.map(({ name }) => (
        <Model key={name} name={name} />
      ))}
    </Panel>
  );
}

function Model({ name }: { name: string }) {
  const versions = usePoll<Page<ModelVersion>>(`/api/registry/v1/models/${name}/versions`);
  const aliases = usePoll<Page<Alias>>(`/api/registry/v1/models/${name}/aliases`);
  const endpoints = usePoll<Page<Endpoint>>('/api/serving/v1/endpoints');
  const served = endpoints.value?.items.find(({ modelName }) => modelName === name)?.versions ?? [];
  return (
    <>
      <h3>{name}</h3>
      <Table columns={['version', 'AUC', 'alias', 'traffic']}>
        {versions.value?.items.map(({ version, metrics }) => {
          const share = served.find((routed) => routed.version === version)?.percent;
          return (
            <tr key={version}>
              <th scope="row">{version}</th>
              <td className="number">{metrics['auc']?.toFixed(3) ?? ''}</td>
              <td>
                {aliases.value?.items
                  .filter((alias) => alias.version === version)
                  .map(({ alias, environment }) => (
                    <span key={alias + environment} className="tag good">
                      {alias} in {environment}
                    </span>
                  ))}
              </td>
              <td>
                {share === undefined ? (
                  <span className="quiet">none</span>
                ) : (
                  <span className="share">
                    <span style={{ width: `${Math.round(share * 0.6)}px` }} />
                    {share} %
                  </span>
                )}
              </td>
            </tr>
          );
        })}
      </Table>
    </>
  );
}

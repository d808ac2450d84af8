import { moment } from '../moment';
import { Panel } from '../panel';
import { GatesTable } from '../promotions/gates-table';
import { type Gate, type Listed } from '../promotions/promotions-api';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { PolicyForm } from './policy-form';

interface Revision {
  readonly revision: number;
  readonly policy: object;
  readonly changedBy: string | null;
  readonly reason: string | null;
  readonly createdAt: string | null;
}
interface Readiness {
  readonly isReady: boolean;
  readonly environment: string;
  readonly championVersion: number | null;
  readonly policyRevision: number;
  readonly gates: readonly Gate[];
}

/** The policy of a model, how its versions stand against it at this moment, and every revision. */
export function PolicyView({ model, version }: { model: string; version: number | undefined }) {
  const path = `/api/registry/v1/models/${encodeURIComponent(model)}`;
  const policy = usePoll<Revision>(`${path}/promotion-policy`, 5000);
  const history = usePoll<Listed<Revision>>(`${path}/promotion-policy/history?limit=50`, 10_000);
  const versions = usePoll<Listed<{ version: number; stage: string }>>(`${path}/versions?limit=50`, 10_000);
  const shown = version ?? versions.value?.items[0]?.version;
  const held = policy.value;
  return (
    <>
      <Panel title={`Policy of ${model}`} error={policy.error} wide>
        <p>
          <a href={linkTo('policies')}>All models</a>
        </p>
        {held ? (
          <p className="quiet">
            {held.revision === 0
              ? 'It has none of its own: these are the rules that hold then.'
              : `Revision ${held.revision} by ${held.changedBy}, ${moment(held.createdAt ?? '')}: ${held.reason}`}
          </p>
        ) : null}
        {held ? <PolicyForm key={held.revision} path={`${path}/promotion-policy`} policy={held.policy} /> : null}
      </Panel>
      <Panel title={shown === undefined ? 'Versions' : `Version ${shown} against every rule, now`} error={versions.error} wide>
        <nav className="versions" aria-label="Versions">
          {versions.value?.items.map(({ version: number, stage }) => (
            <a key={number} href={linkTo('policies', model, String(number))} aria-current={number === shown ? 'page' : undefined}>
              {number}
              {stage === 'candidate' ? '' : ` (${stage})`}
            </a>
          ))}
        </nav>
        {shown === undefined ? <p className="quiet">No version yet.</p> : <Ready path={`${path}/versions/${shown}/readiness`} />}
      </Panel>
      <Panel title="Revisions" error={history.error} empty={history.value?.items.length === 0 ? 'None yet.' : undefined} wide>
        <ul className="plain-list">
          {history.value?.items.map(({ revision, changedBy, reason, createdAt, policy: document }) => (
            <li key={revision}>
              <details>
                <summary>
                  {revision}: {reason}{' '}
                  <span className="quiet">
                    {changedBy}, {moment(createdAt ?? '')}
                  </span>
                </summary>
                <pre>{JSON.stringify(document, null, 2)}</pre>
              </details>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
}

function Ready({ path }: { path: string }) {
  const { value, error } = usePoll<Readiness>(path, 30_000);
  if (!value) return <p className={error ? 'bad' : 'quiet'}>{error ?? 'Loading'}</p>;
  const champion = value.championVersion === null ? 'no champion' : `champion ${value.championVersion}`;
  return (
    <>
      <p>
        <span className={value.isReady ? 'tag good' : 'tag bad'}>{value.isReady ? 'ready' : 'not ready'}</span> for {value.environment}{' '}
        <span className="quiet">
          ({champion}, revision {value.policyRevision})
        </span>
      </p>
      <GatesTable gates={value.gates} />
    </>
  );
}

import { useState } from 'react';
import { call } from '../api';
import { moment } from '../moment';
import { Panel } from '../panel';
import { type Listed } from '../promotions/promotions-api';
import { linkTo } from '../use-place';
import { usePoll } from '../use-poll';
import { hasOneOf, useSession } from '../use-session';
import { AddWebhook } from './add-webhook';
import { Deliveries } from './deliveries';
import './webhooks.css';

export interface Webhook {
  readonly webhookId: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly models: readonly string[];
  readonly isEnabled: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly secret?: string;
}

const path = '/api/registry/v1/webhooks';

/** Addresses outside that are told of events, and every message to one of them. */
export function WebhooksPage({ id }: { id: string | undefined }) {
  const session = useSession();
  const { value, error } = usePoll<Listed<Webhook>>(path);
  const [fault, setFault] = useState<string>();
  const [secret, setSecret] = useState<{ name: string; secret: string }>();
  const isAdmin = hasOneOf(session, 'admin');
  const send = (work: Promise<unknown>) =>
    work.then(
      () => setFault(undefined),
      (reason: Error) => setFault(reason.message),
    );
  const renew = (hook: Webhook) =>
    send(
      call<Webhook>(`${path}/${hook.webhookId}/secret`, { method: 'POST' }).then((made) =>
        setSecret({ name: hook.name, secret: made.secret ?? '' }),
      ),
    );
  const open = value?.items.find(({ webhookId }) => webhookId === id);
  return (
    <>
      <Panel
        title="Webhooks"
        wide
        error={error ?? fault}
        empty={value?.items.length === 0 ? 'Nobody outside is told of anything.' : undefined}
      >
        <ul className="plain-list webhooks">
          {value?.items.map((hook) => (
            <li key={hook.webhookId}>
              <span>
                <a href={linkTo('webhooks', hook.webhookId)}>{hook.name}</a> <code>{hook.url}</code>{' '}
                <span className={hook.isEnabled ? 'tag good' : 'tag'}>{hook.isEnabled ? 'on' : 'off'}</span>
                <br />
                <span className="quiet">
                  {hook.events.length === 0 ? 'every event' : hook.events.join(', ')} of {hook.models.join(', ')}; made by {hook.createdBy},{' '}
                  {moment(hook.createdAt)}
                </span>
              </span>
              {isAdmin ? (
                <span className="actions">
                  <button
                    type="button"
                    className="plain"
                    onClick={() => void send(call(`${path}/${hook.webhookId}`, { method: 'PATCH', body: { isEnabled: !hook.isEnabled } }))}
                  >
                    {hook.isEnabled ? 'Switch off' : 'Switch on'}
                  </button>
                  <button type="button" className="plain" onClick={() => void renew(hook)}>
                    New secret
                  </button>
                </span>
              ) : null}
            </li>
          ))}
        </ul>
      </Panel>
      {secret ? (
        <Panel title={`Secret of ${secret.name}, shown once`} wide>
          <p>
            <code className="secret">{secret.secret}</code>
          </p>
          <button type="button" className="plain" onClick={() => setSecret(undefined)}>
            I have it
          </button>
        </Panel>
      ) : null}
      {isAdmin ? <AddWebhook path={path} onAdded={({ name, secret: made = '' }) => setSecret({ name, secret: made })} /> : null}
      {open ? (
        <Deliveries
          key={open.webhookId}
          path={`${path}/${open.webhookId}`}
          name={open.name}
          mayReplay={hasOneOf(session, 'admin', 'operator')}
        />
      ) : null}
    </>
  );
}

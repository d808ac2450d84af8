import { useState } from 'react';
import { call } from '../api';
import { Panel } from '../panel';
import type { Webhook } from './webhooks-page';

/** Has an address told of events; its secret is shown once. */
export function AddWebhook({ path, onAdded }: { path: string; onAdded: (webhook: Webhook) => void }) {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [models, setModels] = useState('*');
  const [fault, setFault] = useState<string>();
  const add = async () => {
    const patterns = models.split(',').map((model) => model.trim());
    await call<Webhook>(path, { method: 'POST', body: { name, url, models: patterns.filter((model) => model !== '') } }).then(
      (webhook) => {
        setFault(undefined);
        setName('');
        setUrl('');
        onAdded(webhook);
      },
      (error: Error) => setFault(error.message),
    );
  };
  return (
    <Panel title="Tell another address" error={fault} wide>
      <form className="add-webhook" onSubmit={(event) => event.preventDefault()}>
        <label>
          Name <input value={name} onChange={(event) => setName(event.target.value)} placeholder="ci" />
        </label>
        <label>
          Address{' '}
          <input value={url} onChange={(event) => setUrl(event.target.value)} placeholder="https://ci.example.org/hook" type="url" />
        </label>
        <label>
          Models <input value={models} onChange={(event) => setModels(event.target.value)} />
        </label>
        <button type="button" disabled={name === '' || url === '' || models.trim() === ''} onClick={() => void add()}>
          Add
        </button>
      </form>
    </Panel>
  );
}

import type { ServiceName } from '@bascule/contracts';
import type { NatsUser } from './secrets-file.js';

export interface Permissions {
  publish: string[];
  subscribe: string[];
}

const jetStream = ['$JS.API.>', '$JS.ACK.>', '$JS.FC.>', '_INBOX.>'];
const answers = ['_INBOX.>', '$KV.>', '$JS.EVENT.ADVISORY.>'];

/** Work that is handed out through the JOBS stream, by who may hand it out. */
const jobs: Partial<Record<ServiceName, string[]>> = {
  training: ['jobs.training.>'],
  serving: ['jobs.serving.>'],
  ingestion: ['jobs.ingestion.>'],
};

/** What a user may say and hear: a service speaks in its own name only. */
export function permissionsOf(user: NatsUser): Permissions {
  if (user === 'operator') return { publish: ['>'], subscribe: ['>'] };
  if (user === 'console') return { publish: jetStream, subscribe: answers };
  return {
    publish: [`${user}.>`, `dead-letter.${user}.>`, ...(jobs[user] ?? []), ...jetStream, '$KV.>'],
    subscribe: [`${user}.>`, ...answers],
  };
}

const quoted = (values: string[]) => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;

/** Text of the nats-server configuration: one user per service, limits that fit one machine. */
export function natsConfig(passwords: Record<string, string>, users: readonly NatsUser[]): string {
  const entries = users.map((user) => {
    const { publish, subscribe } = permissionsOf(user);
    return `    { user: ${user}, password: "${passwords[user]}", permissions: { publish: { allow: ${quoted(publish)} }, subscribe: { allow: ${quoted(subscribe)} } } }`;
  });
  return `max_payload: 8MB
authorization {
  timeout: 5
  users: [
${entries.join('\n')}
  ]
}
`;
}

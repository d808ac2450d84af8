import { isJsonEvent } from '../catalogue.js';
import { dataSchema } from './data-schema.js';
import { type ConsumerFile, type Definition, readersOf, readersOfEverything } from './readers.js';

const text = (description: string) => ({ type: 'string', description });

const envelope = {
  type: 'object',
  required: ['ce-id', 'ce-source', 'ce-specversion', 'ce-type', 'ce-time', 'ce-subject', 'ce-correlationid', 'Nats-Msg-Id'],
  properties: {
    'ce-id': text('UUIDv7 of the event; readers use it to handle an event once.'),
    'ce-source': text('urn:bascule:<service>'),
    'ce-specversion': { const: '1.0' },
    'ce-type': text('Equal to the NATS subject.'),
    'ce-time': { type: 'string', format: 'date-time' },
    'ce-subject': text('Id of the entity the event is about.'),
    'ce-datacontenttype': text('Media type of the payload.'),
    'ce-correlationid': text('Id of the first event of the chain.'),
    'ce-causationid': text('Id of the event this one follows from.'),
    'ce-entityversion': text('Grows by one with every event about the same entity.'),
    'ce-traceparent': text('W3C trace context of the publisher.'),
    'Nats-Msg-Id': text('Equal to ce-id; JetStream drops a repetition within five minutes.'),
  },
};

const nameOf = ({ service, entity, fact, version }: Definition) => `${service}-${entity}-${fact}-v${version}`;

function messageOf(definition: Definition): object {
  const common = {
    name: definition.type,
    title: `${definition.entity} ${definition.fact}`,
    summary: definition.about,
    headers: { $ref: '#/components/schemas/envelope' },
    correlationId: { location: '$message.header#/ce-correlationid' },
  };
  if (isJsonEvent(definition)) return { ...common, contentType: 'application/json', payload: dataSchema(definition) };
  const payload = { type: 'string', format: 'binary', description: `protobuf ${definition.message}` };
  return { ...common, contentType: definition.contentType, payload };
}

/** `docs/asyncapi.json`: every event as AsyncAPI 3, with JSON Schema from zod. */
export function renderAsyncapi(definitions: readonly Definition[], files: readonly ConsumerFile[], version: string): string {
  const entries = <Value>(describe: (definition: Definition) => Value, keyOf = nameOf) =>
    Object.fromEntries(definitions.map((definition) => [keyOf(definition), describe(definition)]));
  const everything = readersOfEverything(files);
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Bascule events',
      version,
      description: 'Facts that the services of Bascule tell one another over NATS JetStream, as CloudEvents 1.0 in binary mode.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: { nats: { host: 'localhost:4222', protocol: 'nats', description: 'NATS 2.9 or later with JetStream' } },
    channels: entries((definition) => ({
      address: definition.type,
      description: definition.about,
      messages: { [nameOf(definition)]: { $ref: `#/components/messages/${nameOf(definition)}` } },
      'x-read-by': [...new Set([...readersOf(definition, files), ...everything])],
    })),
    operations: entries(
      (definition) => ({
        action: 'send',
        channel: { $ref: `#/channels/${nameOf(definition)}` },
        messages: [{ $ref: `#/channels/${nameOf(definition)}/messages/${nameOf(definition)}` }],
        tags: [{ name: definition.service }],
      }),
      (definition) => `publish-${nameOf(definition)}`,
    ),
    components: { messages: entries(messageOf), schemas: { envelope } },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

import type { BlockDefinition, EventDefinition } from './define-event.js';
import * as governance from './governance.events.js';
import * as ingestion from './ingestion.events.js';
import * as monitoring from './monitoring.events.js';
import * as registry from './registry.events.js';
import * as serving from './serving.events.js';
import * as measures from './serving-measures.events.js';
import * as training from './training.events.js';

function isDefinition(value: unknown): value is EventDefinition | BlockDefinition {
  return typeof value === 'object' && value !== null && 'fact' in value && 'type' in value;
}

// bundlers list the exports of a module in another order than Node
const byType = (a: { type: string }, b: { type: string }): number => (a.type < b.type ? -1 : 1);

/** Every event there is, JSON and bulk, in the order of the services. */
export const catalogue: readonly (EventDefinition | BlockDefinition)[] = [
  ingestion,
  training,
  registry,
  { ...serving, ...measures },
  monitoring,
  governance,
].flatMap((events) => Object.values(events).filter(isDefinition).sort(byType));

/** True for an event whose payload is JSON described by zod. */
export function isJsonEvent(definition: EventDefinition | BlockDefinition): definition is EventDefinition {
  return 'schema' in definition;
}

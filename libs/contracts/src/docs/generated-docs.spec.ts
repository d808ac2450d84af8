import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../catalogue.js';
import { consumerFiles, readersOf, readersOfEverything } from './readers.js';
import { renderAsyncapi } from './render-asyncapi.js';
import { renderEvents } from './render-events.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const files = consumerFiles(globSync('services/*/src/*/*.consumer.ts', { cwd: root }));
const { version } = JSON.parse(read('package.json')) as { version: string };

describe('the generated documents', () => {
  it('docs/events.md says what the contracts say (else run: node tools/generate-docs.mjs)', () => {
    expect(read('docs/events.md')).toBe(renderEvents(catalogue, files));
  });

  it('docs/asyncapi.json says what the contracts say (else run: node tools/generate-docs.mjs)', () => {
    expect(read('docs/asyncapi.json')).toBe(renderAsyncapi(catalogue, files, version));
  });
});

describe('the readers of an event', () => {
  const files = consumerFiles([
    'services/registry/src/versions/run-succeeded.consumer.ts',
    'services/training/src/runs/run-succeeded-notice.consumer.ts',
    'services/governance/src/audit/any-event.consumer.ts',
    'services/registry/src/versions/versions.service.ts',
  ]);
  const runSucceeded = catalogue.find(({ type }) => type === 'training.run.succeeded.v1')!;

  it('are the services with a consumer file named after it', () => {
    expect(readersOf(runSucceeded, files)).toEqual(['registry', 'training']);
  });

  it('do not name those who read everything', () => {
    expect(readersOfEverything(files)).toEqual(['governance']);
  });
});

describe('the AsyncAPI document', () => {
  const document = JSON.parse(renderAsyncapi(catalogue, [], '1.0.0'));

  it('has a channel, an operation and a message for every event', () => {
    for (const part of [document.channels, document.operations, document.components.messages]) {
      expect(Object.keys(part)).toHaveLength(catalogue.length);
    }
  });

  it('points to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map((match) => match[1]!);
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      const found = reference
        .slice(1)
        .split('/')
        .reduce((node, key) => node?.[key], document);
      expect(found, reference).toBeDefined();
    }
  });
});

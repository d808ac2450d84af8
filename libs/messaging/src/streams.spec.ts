import { accessChanged, catalogue, defineWork, predictionLabelled, predictionLogged, runSucceeded, workSubject } from '@bascule/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { consumersOf } from './consumer-spec.js';
import { streamLimits } from './settings.js';
import { streamDefinitions, streamOf } from './streams.js';

const definitions = streamDefinitions(streamLimits());

describe('the streams', () => {
  it('keep every event exactly once', () => {
    const subjects = definitions.flatMap((definition) => definition.subjects);
    expect(new Set(subjects).size).toBe(subjects.length);
    for (const { type } of catalogue) {
      expect(definitions.filter((definition) => definition.subjects.includes(type)).map(({ name }) => name)).toEqual([streamOf(type)]);
    }
  });

  it('keep bulk events apart from the other events of their service', () => {
    expect([predictionLogged, predictionLabelled].map(({ type }) => streamOf(type))).toEqual(['PREDICTIONS', 'PREDICTIONS']);
    expect(streamOf(runSucceeded.type)).toBe('TRAINING');
  });

  it('take their limits from the settings', () => {
    const limits = streamLimits({}, { BASCULE_STREAM_MAX_BYTES: 2_097_152 });
    expect(streamDefinitions(limits).find(({ name }) => name === 'TRAINING')?.maxBytes).toBe(2_097_152);
  });
});

describe('a durable consumer', () => {
  it('is named after its reader and its event, without dots', () => {
    const [spec] = consumersOf('registry', { kind: 'event', definition: runSucceeded, options: {} });
    expect(spec).toMatchObject({
      stream: 'TRAINING',
      subject: 'training.run.succeeded.v1',
      durable: 'registry-run-succeeded-v1',
      deadLetterSubject: 'dead-letter.registry.run-succeeded',
      concurrency: 1,
    });
  });

  it('carries the name that tells two reactions of one service apart', () => {
    const [spec] = consumersOf('monitoring', { kind: 'event', definition: accessChanged, options: { name: 'canary' } });
    expect(spec?.durable).toBe('monitoring-access-changed-v1-canary');
  });

  it('of work reads the subjects of that work in the stream of jobs, as many at once as a setting says', () => {
    const definition = defineWork('jobs.serving.batch-piece.v1', { subject: 'jobId', data: z.object({ jobId: z.string() }) });
    const reaction = { kind: 'work', definition, options: { concurrency: 'AT_ONCE' } } as const;
    expect(consumersOf('serving', reaction, {}, { AT_ONCE: 2 })).toMatchObject([
      {
        stream: 'JOBS',
        subject: 'jobs.serving.batch-piece.v1.>',
        durable: 'serving-batch-piece-v1',
        deadLetterSubject: 'dead-letter.serving.batch-piece',
        concurrency: 2,
      },
    ]);
    expect(consumersOf('serving', reaction, {}, { AT_ONCE: 0 })).toEqual([]);
    expect(streamOf(workSubject(definition, 'a'))).toBe('JOBS');
  });

  it('of everything reads every stream of events, but neither jobs nor dead letters', () => {
    const streams = consumersOf('governance', { kind: 'all', options: {} }).map(({ stream }) => stream);
    expect(streams).toEqual(['INGESTION', 'TRAINING', 'REGISTRY', 'SERVING', 'MONITORING', 'GOVERNANCE', 'PREDICTIONS']);
  });
});

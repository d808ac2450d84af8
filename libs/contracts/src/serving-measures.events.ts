import { z } from 'zod';
import { defineEvent, type EventOf } from './define-event.js';
import { digest, entityName, environment, instant, uuid, versionNumber } from './names.js';

export const loadTestFinished = defineEvent('serving.load-test.finished.v1', {
  about: 'A gateway put a version under load, beside whatever else it answered, and says how that went.',
  subject: 'loadTestId',
  data: z.object({
    loadTestId: uuid,
    gatewayId: uuid,
    environment,
    modelName: entityName,
    version: versionNumber,
    artifactDigest: digest,
    outcome: z.enum(['measured', 'failed']),
    /** Why it could not be put under load. */
    reasons: z.array(z.string()),
    /**
     * Requests come on time whether or not those before were answered; times are in milliseconds and count from when a request was due.
     * Measured are HTTP, reading, micro-batches, the run and writing; not keys with their limits, and not the record of predictions.
     */
    measured: z
      .object({
        offeredPerSecond: z.number().positive(),
        answeredPerSecond: z.number().min(0),
        rowsPerRequest: z.int().min(1),
        seconds: z.number().positive(),
        connections: z.int().min(1),
        requestCount: z.int().min(1),
        failedCount: z.int().min(0),
        p50Ms: z.number().min(0),
        p95Ms: z.number().min(0),
        p99Ms: z.number().min(0),
        processor: z.string(),
      })
      .optional(),
  }),
});
export type LoadTestFinished = EventOf<typeof loadTestFinished>;

export const availabilityMeasured = defineEvent('serving.availability.measured.v1', {
  about: 'A gateway process counted the requests of an endpoint that it answered, and those that it should have answered and did not.',
  subject: 'modelName',
  data: z.object({
    gatewayId: uuid,
    modelName: entityName,
    environment,
    /** Since the count before this one; a process that is killed takes the last of its counts with it. */
    from: instant,
    to: instant,
    requestCount: z.int().min(1),
    /** Of them: failed, too late, or turned away for want of room. What a client got wrong is in neither number. */
    failedCount: z.int().min(0),
  }),
});
export type AvailabilityMeasured = EventOf<typeof availabilityMeasured>;

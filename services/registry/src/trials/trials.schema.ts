import { digest, tensorDatatype } from '@bascule/contracts';
import { z } from 'zod';
import { askedSignature } from '../versions/versions.schema.js';

const graphTensor = z.object({
  name: z.string(),
  /** Absent when it is no tensor that can be served, for example a map. */
  datatype: tensorDatatype.optional(),
  /** -1 marks an axis of any length. */
  shape: z.array(z.int()).optional(),
});

/** What a model file is, looked at from outside. */
export const outlineSchema = z
  .object({
    digest,
    sizeBytes: z.int(),
    /** Why it cannot be let in; empty when nothing speaks against it so far. */
    faults: z.array(z.string()),
    inputs: z.array(graphTensor),
    outputs: z.array(graphTensor),
    operators: z.array(z.string()),
  })
  .meta({ id: 'ArtifactOutline' });
export type OutlineView = z.infer<typeof outlineSchema>;

const cell = z.union([z.number(), z.string(), z.boolean()]);
/** One request that is answered once, without the model being registered. */
export const trialBody = z
  .strictObject({
    signature: askedSignature,
    inputs: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          /** As the Open Inference Protocol has it; what counts is the type in the signature. */
          datatype: tensorDatatype.optional(),
          shape: z.array(z.int().min(0)).min(1).max(16),
          data: z.array(cell).min(1).max(1_000_000),
        }),
      )
      .min(1)
      .max(1000),
  })
  .meta({ id: 'TryArtifact' });
export type TrialBody = z.infer<typeof trialBody>;

export const trialSchema = z
  .object({
    outputs: z.array(
      z.object({ name: z.string(), shape: z.array(z.int()), data: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])) }),
    ),
  })
  .meta({ id: 'ArtifactAnswer' });
export type TrialView = z.infer<typeof trialSchema>;

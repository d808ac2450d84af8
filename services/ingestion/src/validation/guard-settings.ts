import { z } from 'zod';

/** What a record can be flagged for. */
export const flagCodes = [
  'oversize_field',
  'control_character',
  'invisible_character',
  'mixed_script',
  'formula',
  'prototype_key',
  'far_outlier',
] as const;
export type FlagCode = (typeof flagCodes)[number];

export const guardPolicies = ['off', 'flag', 'quarantine', 'reject'] as const;
const policy = z.enum(guardPolicies);
export type GuardPolicy = z.infer<typeof policy>;

/** Flag to what is done with a record that has it: nothing, counted, quarantined, or the batch rejected. */
export const guardSettings = z.strictObject({
  oversize_field: policy.default('flag'),
  control_character: policy.default('flag'),
  invisible_character: policy.default('flag'),
  mixed_script: policy.default('flag'),
  formula: policy.default('flag'),
  prototype_key: policy.default('flag'),
  far_outlier: policy.default('flag'),
  /** Characters above which a field is oversize. */
  oversizeCharacters: z.int().min(1).default(32_767),
  /** How many times the range of the history a number may lie outside it. */
  outlierRanges: z.number().positive().default(10),
});
export type GuardSettings = z.infer<typeof guardSettings>;

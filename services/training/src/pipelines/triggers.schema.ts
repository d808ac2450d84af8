import { z } from 'zod';
import { schedule } from '../schedules/schedule.schema.js';
import { knownNames } from '../trainers/known-names.js';

const mode = z.enum(['auto', 'propose', 'off']);
const percent = z.number().min(0).max(100);

/** When a pipeline trains by itself, and what holds it back. */
export const triggers = knownNames({
  /** Train as soon as the dataset has its first version. */
  onFirstDataset: z.boolean().default(true),
  /** `propose` asks a person: the proposal is accepted or declined over the API. */
  onDrift: mode.default('propose'),
  /** As `onDrift` when absent. */
  onPerformance: mode.optional(),
  /** Train when so many rows have come since the last training; absent: new data alone is no reason. */
  onNewData: knownNames({ mode: mode.default('auto'), minNewRows: z.int().min(1).max(1_000_000_000).default(10_000) }).optional(),
  schedule: schedule.optional(),
  minNewLabelledRows: z.int().min(0).default(1000),
  cooldownMinutes: z.number().min(0).max(525_600).default(60),
  /** For one day of UTC. Runs by hand are counted, but not held. */
  budget: knownNames({
    runsPerDay: z.int().min(0).max(10_000).optional(),
    computeMinutesPerDay: z.number().min(0).max(1_000_000).optional(),
  }).prefault({}),
  /** Stop after so many runs in a row that failed or did not beat the champion; 0 never stops. */
  maxLossesInARow: z.int().min(0).max(100).default(3),
  /** What the data that came since the last training must keep to. */
  dataChecks: knownNames({
    maxQuarantinedPercent: percent.default(20),
    maxDuplicatePercent: percent.default(50),
    /** Percentage points between the share of positive labels before and since. */
    maxLabelShiftPercent: percent.default(25),
    /** Labels of cases that a model, an investigator or a complaint picked. */
    maxSelectedPercent: percent.default(50),
  }).prefault({}),
});

import { entityName } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import { priority } from '../runs/runs.schema.js';
import { search } from '../search/search.schema.js';
import { gridSize, maxTrials } from '../search/search-space.js';
import { isBuiltIn, trainerTasks } from '../trainers/built-in.js';
import { builtInParams, evaluation, feature, label, paramValues, resources, split } from '../trainers/job.schema.js';
import { knownNames } from '../trainers/known-names.js';
import { gates } from './gates.schema.js';
import { idleOptions } from './idle-options.js';
import { triggers } from './triggers.schema.js';

const features = z
  .array(feature)
  .min(1)
  .max(1000)
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'each feature is named once');

const recipe = {
  title: z.string().trim().min(1).max(200).optional(),
  modelName: entityName,
  datasetName: entityName,
  /** Evaluate on the hold-out of this dataset's latest version instead of the own one. */
  evaluationDatasetName: entityName.optional(),
  /** Built in, or a program that the operator allows. */
  trainer: entityName.default('logistic-regression'),
  features,
  label,
  params: paramValues.prefault({}),
  split: split.prefault({}),
  /** What besides the measures of all hold-out rows is looked at. */
  evaluation: evaluation.prefault({}),
  /** What one attempt may use. A limit the kernel cannot keep is refused. */
  resources: resources.prefault({}),
  /** Parameters to look for before the fit; absent: those of `params` are taken as they are. */
  search: search.optional(),
  /** What a model must reach to be registered. */
  gates: gates.default([]),
  /** Place of its runs in the queue. */
  priority: priority.default('normal'),
  triggers: triggers.prefault({}),
};

// also beside other faults: all are told at once
const always = ({ value }: { value: unknown }): boolean => typeof value === 'object' && value !== null;

/** Parameters of a built-in trainer are known; those of a program are its own business. */
function checkParams({ trainer, params }: { trainer?: unknown; params?: unknown }, context: z.RefinementCtx): void {
  if (typeof trainer !== 'string' || !isBuiltIn(trainer) || typeof params !== 'object') return;
  for (const { path, message } of builtInParams[trainer].safeParse(params).error?.issues ?? []) {
    context.addIssue({ code: 'custom', path: ['params', ...path], message, input: params });
  }
}

/** Not every trainer can learn to tell everything. */
function checkTask({ trainer, label: of }: { trainer?: unknown; label?: unknown }, context: z.RefinementCtx): void {
  const parsed = label.safeParse(of);
  if (typeof trainer !== 'string' || !isBuiltIn(trainer) || !parsed.success) return;
  const { task = 'binary' } = parsed.data;
  if (trainerTasks[trainer].includes(task)) return;
  const message = `${trainer} tells ${trainerTasks[trainer].join(' or ')}, not ${task}`;
  context.addIssue({ code: 'custom', path: ['trainer'], message, input: trainer });
}

/** Nothing is passed over in silence. */
function checkOptions(body: unknown, context: z.RefinementCtx): void {
  for (const { path, message } of idleOptions(body)) context.addIssue({ code: 'custom', path, message, input: body });
}

/** A split by group needs to know which. */
function checkSplit({ split: of }: { split?: unknown }, context: z.RefinementCtx): void {
  const parsed = split.safeParse(of);
  if (!parsed.success) return;
  const { by = 'time', column } = parsed.data;
  const fault = (message: string) => context.addIssue({ code: 'custom', path: ['split', 'column'], message, input: of });
  if (by === 'group' && column === undefined) fault('a split by group needs the column that holds the groups');
  if (by === 'time' && column !== undefined) fault('a split by time takes no column');
}

/** Every parameter that a search tries must be one that the trainer knows. */
function checkSearch(
  { trainer, params, search: sought }: { trainer?: unknown; params?: unknown; search?: unknown },
  context: z.RefinementCtx,
): void {
  const parsed = search.safeParse(sought);
  if (!parsed.success) return;
  const { method, space } = parsed.data;
  const fault = (name: string, message: string) =>
    context.addIssue({ code: 'custom', path: ['search', 'space', name], message, input: space });
  const size = method === 'grid' ? gridSize(space) : 0;
  if (size > maxTrials)
    context.addIssue({
      code: 'custom',
      path: ['search', 'space'],
      message: `a grid of ${size} trials; at most ${maxTrials}`,
      input: space,
    });
  if (typeof trainer !== 'string' || !isBuiltIn(trainer)) return;
  for (const [name, dimension] of Object.entries(space)) {
    for (const value of 'values' in dimension ? dimension.values : [dimension.from, dimension.to]) {
      const { error } = builtInParams[trainer].safeParse({ ...(params as object), [name]: value });
      const issue = error?.issues.find(({ path, code }) => path[0] === name || code === 'unrecognized_keys');
      if (issue) fault(name, issue.code === 'unrecognized_keys' ? `${trainer} has no parameter ${name}` : issue.message);
      if (issue) break;
    }
  }
}

/** Body of PUT: the same document, or all of it but the name. */
export const pipelineBody = knownNames({ name: entityName.optional(), ...recipe })
  .superRefine(checkParams, { when: always })
  .superRefine(checkTask, { when: always })
  .superRefine(checkOptions, { when: always })
  .superRefine(checkSplit, { when: always })
  .superRefine(checkSearch, { when: always })
  .meta({ id: 'PipelineBody' });
export type Replacement = z.infer<typeof pipelineBody>;
export type PipelineBody = Omit<Replacement, 'name'>;

/** Body of POST. */
const pipelineDocument = knownNames({ name: entityName, ...recipe })
  .superRefine(checkParams, { when: always })
  .superRefine(checkTask, { when: always })
  .superRefine(checkOptions, { when: always })
  .superRefine(checkSplit, { when: always })
  .superRefine(checkSearch, { when: always });
export const newPipeline = pipelineDocument.meta({ id: 'Pipeline' });
export type NewPipeline = z.infer<typeof newPipeline>;

export const pipelinesQuery = pageQuery.strict();
export const pipelineName = entityName;
export const pipelineVersion = z.coerce.number().int().min(1).max(2_147_483_647);

/** JSON Schema of a pipeline document. */
export function pipelineSchema(): object {
  return z.toJSONSchema(pipelineDocument, { io: 'input' });
}

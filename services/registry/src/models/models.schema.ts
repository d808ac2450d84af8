import { entityName, environment, instant, tags } from '@bascule/contracts';
import { pageQuery, pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { AliasEntity } from '../aliases/alias.entity.js';
import type { ModelEntity } from './model.entity.js';

const description = z.string().max(10_000);

/** What of a model may change; what is left out stays. */
export const modelDetails = z
  .strictObject({ title: z.string().min(1).max(200).optional(), description: description.optional(), tags: tags.optional() })
  .meta({ id: 'ModelDetails' });
export type ModelDetails = z.infer<typeof modelDetails>;

/** One tag as a query names it: `team:claims` or `team=claims`. */
export const tagQuery = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}[:=].{0,200}$/, 'name:value or name=value');

export const modelQuery = pageQuery
  .extend({
    /** Part of the name or the title, in any case. */
    search: z.string().min(1).max(100).optional(),
    tag: tagQuery.optional(),
  })
  .strict();
export type ModelQuery = z.infer<typeof modelQuery>;

/** A registered model as the API shows it. */
export const modelSchema = z
  .object({
    name: entityName,
    title: z.string(),
    description: z.string(),
    tags,
    latestVersion: z.int(),
    createdAt: instant,
    aliases: z.array(z.object({ environment, alias: entityName, version: z.int() })),
  })
  .meta({ id: 'Model' });
export type ModelView = z.infer<typeof modelSchema>;
export const modelPage = pageSchema(modelSchema).meta({ id: 'ModelPage' });

export function modelView(model: ModelEntity, aliases: readonly AliasEntity[]): ModelView {
  return {
    name: model.name,
    title: model.title,
    description: model.description,
    tags: model.tags,
    latestVersion: model.latestVersion,
    createdAt: model.createdAt.toISOString(),
    aliases: aliases
      .filter(({ modelName }) => modelName === model.name)
      .map(({ environment, alias, version }) => ({ environment, alias, version })),
  };
}

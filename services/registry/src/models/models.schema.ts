import { entityName, environment, instant } from '@bascule/contracts';
import { pageSchema } from '@bascule/platform';
import { z } from 'zod';
import type { AliasEntity } from '../aliases/alias.entity.js';
import type { ModelEntity } from './model.entity.js';

/** A registered model as the API shows it. */
export const modelSchema = z
  .object({
    name: entityName,
    title: z.string(),
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
    latestVersion: model.latestVersion,
    createdAt: model.createdAt.toISOString(),
    aliases: aliases
      .filter(({ modelName }) => modelName === model.name)
      .map(({ environment, alias, version }) => ({ environment, alias, version })),
  };
}

import type { AliasEntity } from '../aliases/alias.entity.js';
import type { ModelEntity } from './model.entity.js';

/** A registered model as the API shows it. */
export interface ModelView {
  readonly name: string;
  readonly title: string;
  readonly latestVersion: number;
  readonly createdAt: string;
  readonly aliases: { environment: string; alias: string; version: number }[];
}

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

import { type PromotionApproved, promotionApproved } from '@bascule/contracts';
import { Publisher } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { testDatabase } from '@bascule/testing';
import { migrations } from '../src/migrations/index.js';
import { scaleModel, scaleSignature } from './onnx-models.js';
import { call, type Running, ready, type ServingStack, servingStack } from './serving-stack.js';

export interface Approval extends Partial<PromotionApproved['data']> {
  readonly modelName: string;
  readonly version: number;
  /** The file; one that multiplies by the number of the version when absent. */
  readonly model?: Uint8Array;
}

/** Tells serving that a version was approved, and answers the id of the promotion; what is not said is the usual. */
export async function approve(
  { objects }: Pick<ServingStack, 'objects'>,
  publisher: Publisher,
  { model, ...said }: Approval,
): Promise<string> {
  const { digest: artifactDigest, sizeBytes: artifactSizeBytes } = await objects.put(model ?? scaleModel(said.version));
  const promotionId = newId();
  await publisher.publishEvent({
    definition: promotionApproved,
    data: {
      ...{ promotionId, environment: 'production', requestedBy: 'scientist@test', approvedBy: 'approver@test' },
      ...{ artifactDigest, artifactSizeBytes, signature: scaleSignature, strategy: { steps: [100] } },
      ...said,
    },
  });
  return promotionId;
}

/** A whole serving, control and gateway, with its database. */
export async function rolloutStack(settings: Record<string, string> = {}) {
  const stack: ServingStack = await servingStack();
  const database = await testDatabase('serving', migrations);
  const operator = await stack.key(['operator']);
  const serving: Running = await stack.start({ SERVING_ROLES: 'control,gateway', DATABASE_URL: database.url, ...settings });
  await ready(serving);
  const publisher = serving.app.get(Publisher, { strict: false });

  return {
    ...stack,
    ...{ database, operator, serving, publisher },
    url: serving.url,
    approve: (approval: Approval) => approve(stack, publisher, approval),
    /** What a page answers an operator. */
    get: async (path: string) => (await call(`${serving.url}${path}`, operator)).body,
    async stop(): Promise<void> {
      await stack.stop();
      await database.stop();
    },
  };
}
export type RolloutStack = Awaited<ReturnType<typeof rolloutStack>>;

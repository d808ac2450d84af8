import { z } from 'zod';

/** The setting of a service that stores objects: `configSchema = platformConfigSchema.extend(storageConfig)`. */
export const storageConfig = {
  OBJECT_ROOT: z.string().min(1).describe('folder of the content-addressed object store, shared by all services'),
};

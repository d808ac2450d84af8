import { z } from 'zod';
import { breakages } from './compare-contracts.js';
import { odcsContract } from './odcs.schema.js';

export const contractView = z
  .object({
    name: z.string(),
    version: z.int().min(1),
    status: z.string(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    document: odcsContract,
    /** Rules and promises of it that are kept and not executed here, each with the reason. */
    notExecuted: z.array(z.string()),
  })
  .meta({ id: 'DataContract' });

export const contractSummary = contractView.omit({ document: true, notExecuted: true }).meta({ id: 'DataContractSummary' });
export const contractPage = z.object({ items: z.array(contractSummary), nextCursor: z.string().nullable() });

export const versionQuery = z.strictObject({ version: z.coerce.number().int().min(1).optional() });
export const changesQuery = z.strictObject({
  /** The one before the latest unless told. */
  from: z.coerce.number().int().min(1).optional(),
  /** The latest unless told. */
  to: z.coerce.number().int().min(1).optional(),
});
export const documentQuery = versionQuery.extend({ format: z.enum(['json', 'yaml']).default('json') });

export const contractChanges = z
  .object({
    name: z.string(),
    from: z.int(),
    /** Null for a document that is not published. */
    to: z.int().nullable(),
    changes: z.array(z.object({ column: z.string().optional(), breaks: z.enum(breakages), message: z.string() })),
    /** How the version number of the document should grow. */
    versionStep: z.enum(['major', 'minor', 'patch']),
    /** What keeps it from being published at all: the type of a column in use cannot change. */
    incompatibilities: z.array(z.string()),
  })
  .meta({ id: 'DataContractChanges' });

export const contractCheck = z
  .object({
    isUsable: z.boolean(),
    /** Why it cannot be used here. */
    faults: z.array(z.string()),
    /** Rules that are kept and not executed. */
    notExecuted: z.array(z.string()),
    columnCount: z.int(),
  })
  .meta({ id: 'DataContractCheck' });

import { z } from 'zod';
import { odcsContract } from './odcs.schema.js';

export const contractView = z
  .object({
    name: z.string(),
    version: z.int().min(1),
    status: z.string(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    document: odcsContract,
  })
  .meta({ id: 'DataContract' });

export const contractSummary = contractView.omit({ document: true }).meta({ id: 'DataContractSummary' });
export const contractPage = z.object({ items: z.array(contractSummary), nextCursor: z.string().nullable() });

import { entityName, uuid } from '@bascule/contracts';
import { pageQuery } from '@bascule/platform';
import { z } from 'zod';
import { proposalStatuses } from './proposal.entity.js';

export const proposalsQuery = pageQuery.extend({ pipeline: entityName.optional(), status: z.enum(proposalStatuses).optional() }).strict();
export type ProposalsQuery = z.infer<typeof proposalsQuery>;

/** Body of accepting or declining. */
export const proposalAnswer = z
  .strictObject({ reason: z.string().trim().min(1).max(1000).default('no reason given') })
  .meta({ id: 'ProposalAnswer' });
export type ProposalAnswer = z.infer<typeof proposalAnswer>;

export const proposalId = uuid;

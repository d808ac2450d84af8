import { Credential, Roles } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, type PageQuery, pageQuery } from '@bascule/platform';
import { Body, Controller, Get, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readers } from '../readers.js';
import type { ContractEntity } from './contract.entity.js';
import { contractPage, contractView } from './contracts.schema.js';
import { ContractsService } from './contracts.service.js';
import { type OdcsContract, odcsContract } from './odcs.schema.js';

const versionQuery = z.object({ version: z.coerce.number().int().min(1).optional() });

@ApiTags('contracts')
@Controller('v1/contracts')
export class ContractsController {
  constructor(private readonly contracts: ContractsService) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Publish a data contract (ODCS 3.1 as JSON); changed content makes a new version, the same content answers 200',
  })
  @ApiResponse({ status: 201, standardSchema: contractView })
  async publish(
    @Body({ schema: odcsContract }) document: OdcsContract,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { contract, isNew } = await this.contracts.publish(document, credential);
    void reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    return viewOf(contract);
  }

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'The latest version of each contract' })
  @ApiResponse({ status: 200, standardSchema: contractPage })
  async list(@Query({ schema: pageQuery }) query: PageQuery, @Credential() credential: Credential) {
    const { items, nextCursor } = await this.contracts.list(query, credential);
    return { items: items.map(summaryOf), nextCursor };
  }

  @Get(':name')
  @Roles(...readers)
  @ApiOperation({ summary: 'A contract, its latest version unless another is asked for' })
  @ApiResponse({ status: 200, standardSchema: contractView })
  async get(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: versionQuery }) { version }: { version?: number },
    @Credential() credential: Credential,
  ) {
    const contract = await this.contracts.get(name, version);
    await this.contracts.requireReadable(name, credential);
    return viewOf(contract);
  }
}

function summaryOf({ name, version, document, createdBy, createdAt }: ContractEntity) {
  return { name, version, status: document.status, createdBy, createdAt: createdAt.toISOString() };
}

function viewOf(contract: ContractEntity) {
  return { ...summaryOf(contract), document: contract.document };
}

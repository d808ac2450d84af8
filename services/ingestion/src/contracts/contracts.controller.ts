import { Credential, datasetNotAllowed, Roles } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiConsumes, ApiOperation, ApiResponse, ApiTags, type PageQuery, Problems, pageQuery } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { contractIncompatible, contractInvalid, contractNotFound } from '../errors.js';
import { readers } from '../readers.js';
import { checkDocument } from './check-document.js';
import type { ContractEntity } from './contract.entity.js';
import { yamlTypes } from './contract-bodies.js';
import {
  changesQuery,
  contractChanges,
  contractCheck,
  contractPage,
  contractView,
  documentQuery,
  versionQuery,
} from './contracts.schema.js';
import { ContractsService } from './contracts.service.js';
import { type OdcsContract, odcsContract } from './odcs.schema.js';

@ApiTags('contracts')
@Controller('v1/contracts')
export class ContractsController {
  constructor(private readonly contracts: ContractsService) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({
    summary:
      'Publish a data contract (ODCS 3.1 as JSON or YAML); changed content makes a new version, the same content answers 200; `notExecuted` warns of what nobody judges',
  })
  @ApiConsumes('application/json', ...yamlTypes)
  @ApiResponse({ status: 201, standardSchema: contractView })
  @Problems(datasetNotAllowed, contractIncompatible, contractInvalid)
  async publish(
    @Body({ schema: odcsContract }) document: OdcsContract,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { contract, isNew } = await this.contracts.publish(document, credential);
    void reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    return this.viewOf(contract);
  }

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'The latest version of each contract' })
  @ApiResponse({ status: 200, standardSchema: contractPage })
  async list(@Query({ schema: pageQuery.strict() }) query: PageQuery, @Credential() credential: Credential) {
    const { items, nextCursor } = await this.contracts.list(query, credential);
    return { items: items.map(summaryOf), nextCursor };
  }

  @Get(':name')
  @Roles(...readers)
  @ApiOperation({ summary: 'A contract, its latest version unless another is asked for' })
  @ApiResponse({ status: 200, standardSchema: contractView })
  @Problems(datasetNotAllowed, contractNotFound)
  async get(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: versionQuery }) { version }: { version?: number },
    @Credential() credential: Credential,
  ) {
    const contract = await this.contracts.get(name, version);
    await this.contracts.requireReadable(name, credential);
    return this.viewOf(contract);
  }

  @Get(':name/versions')
  @Roles(...readers)
  @ApiOperation({ summary: 'Versions of a contract, newest first' })
  @ApiResponse({ status: 200, standardSchema: contractPage })
  @Problems(datasetNotAllowed, contractNotFound)
  async versions(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: pageQuery.strict() }) query: PageQuery,
    @Credential() credential: Credential,
  ) {
    await this.contracts.get(name);
    await this.contracts.requireReadable(name, credential);
    const { items, nextCursor } = await this.contracts.versions(name, query);
    return { items: items.map(summaryOf), nextCursor };
  }

  @Get(':name/document')
  @Roles(...readers)
  @ApiOperation({ summary: 'The document alone, as JSON or YAML' })
  @Problems(datasetNotAllowed, contractNotFound)
  async document(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: documentQuery }) { version, format }: z.infer<typeof documentQuery>,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { document } = await this.contracts.get(name, version);
    await this.contracts.requireReadable(name, credential);
    if (format === 'json') return document;
    void reply.header('content-type', `${yamlTypes[0]};version=3.1.0`);
    return stringify(document);
  }

  @Get(':name/changes')
  @Roles(...readers)
  @ApiOperation({ summary: 'What changed between two versions of a contract, and whom it breaks' })
  @ApiResponse({ status: 200, standardSchema: contractChanges })
  @Problems(datasetNotAllowed, contractNotFound)
  async changes(
    @Param('name', { schema: entityName }) name: string,
    @Query({ schema: changesQuery }) query: z.infer<typeof changesQuery>,
    @Credential() credential: Credential,
  ) {
    const after = await this.contracts.get(name, query.to);
    await this.contracts.requireReadable(name, credential);
    const before = await this.contracts.get(name, query.from ?? Math.max(1, after.version - 1));
    const found = this.contracts.changes(before, this.contracts.compile(after));
    return { name, from: before.version, to: after.version, ...found };
  }

  @Post(':name/changes')
  @HttpCode(HttpStatus.OK)
  @Roles(...readers)
  @ApiOperation({ summary: 'What a document (JSON or YAML) would change, were it published' })
  @ApiConsumes('application/json', ...yamlTypes)
  @ApiResponse({ status: 200, standardSchema: contractChanges })
  @Problems(datasetNotAllowed, contractInvalid, contractNotFound)
  async wouldChange(
    @Param('name', { schema: entityName }) name: string,
    @Body({ schema: odcsContract }) document: OdcsContract,
    @Credential() credential: Credential,
  ) {
    const before = await this.contracts.get(name);
    await this.contracts.requireReadable(name, credential);
    return { name, from: before.version, to: null, ...this.contracts.changes(before, this.contracts.compileDocument(document)) };
  }

  @Post('checks')
  @HttpCode(HttpStatus.OK)
  @Roles(...readers)
  @ApiOperation({
    summary: 'Whether a document (JSON or YAML) can be used as it is, and what of it would not be executed; nothing is kept',
  })
  @ApiConsumes('application/json', ...yamlTypes)
  @ApiResponse({ status: 200, standardSchema: contractCheck })
  check(@Body() document: unknown) {
    return checkDocument(document);
  }

  private viewOf(contract: ContractEntity) {
    const { quality, outdated } = this.contracts.compile(contract);
    const notExecuted = [...(outdated === undefined ? [] : [`no batch is judged by it: ${outdated}`]), ...quality.notExecuted];
    return { ...summaryOf(contract), document: contract.document, notExecuted };
  }
}

function summaryOf({ name, version, document, createdBy, createdAt }: ContractEntity) {
  return { name, version, status: document.status, createdBy, createdAt: createdAt.toISOString() };
}

import type { Readable } from 'node:stream';
import { Roles } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags, CONFIG, Problems, sentTypeHeader } from '@bascule/platform';
import { compressions, tableFormats, tableUnreadable, tooManyColumns } from '@bascule/tables';
import { boundedContent } from '@bascule/uploads';
import { Body, Controller, Headers, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readOptions } from '../batches/batches.schema.js';
import { charsetOf, contentTypeOf, contentTypes, optionsOf } from '../batches/content-type.js';
import type { Config } from '../config.js';
import { emptyBatch, unsupportedContent } from '../errors.js';
import { uploadErrors } from '../uploads/errors.js';
import { draftContract } from './draft-contract.js';
import { sampleTable } from './sample-table.js';

const draftQuery = readOptions.extend({ name: entityName });
const draftView = z
  .object({
    /** An ODCS 3.1 document to edit and to post to /v1/contracts. */
    contract: z.record(z.string(), z.unknown()),
    notes: z.array(z.string()),
    recordCount: z.int(),
    faultCount: z.int(),
    content: z.object({ format: z.enum(tableFormats), compression: z.enum(compressions) }).loose(),
  })
  .meta({ id: 'ContractDraft' });

@ApiTags('contracts')
@Controller('v1/contracts/drafts')
export class DraftsController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Post()
  @HttpCode(200)
  @Roles('scientist', 'admin')
  @ApiOperation({ summary: 'Draft a data contract from a sample of records: at most its first 20,000 are looked at, nothing is kept' })
  @ApiConsumes(...contentTypes)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiResponse({ status: 200, standardSchema: draftView })
  @Problems(emptyBatch, unsupportedContent, uploadErrors.tooLarge, uploadErrors.stalled, tableUnreadable, tooManyColumns)
  async draft(
    @Query({ schema: draftQuery }) { name, ...told }: z.infer<typeof draftQuery>,
    @Headers(sentTypeHeader) sentType: string | undefined,
    @Body() body: Readable | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const contentType = contentTypeOf(sentType);
    if (contentType === undefined) throw unsupportedContent({ contentType: sentType ?? 'none' });
    if (!body) throw emptyBatch();
    // what lies behind the sample is not waited for
    void reply.header('connection', 'close');
    reply.raw.once('finish', () => body.destroy());
    const options = { ...optionsOf(contentType), encoding: charsetOf(sentType), ...told };
    const sampled = await sampleTable(boundedContent(body, { limitBytes: this.config.UPLOAD_LIMIT_BYTES }, uploadErrors), options);
    if (sampled.recordCount === 0) throw emptyBatch({}, 'no record could be read');
    const { contract, notes } = draftContract(name, sampled);
    const unread = sampled.faultCount > 0 ? [`${sampled.faultCount} records could not be read and were left out`] : [];
    return {
      contract,
      notes: [...unread, ...notes],
      recordCount: sampled.recordCount,
      faultCount: sampled.faultCount,
      content: sampled.facts,
    };
  }
}

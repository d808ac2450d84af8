import { Credential, datasetNotAllowed, Roles } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { bytesOf, createdHeaders, TusController } from '@bascule/uploads';
import { Controller, Get, Headers, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { contractNotFound } from '../errors.js';
import { uploadErrors } from './errors.js';
import type { UploadEntity } from './upload.entity.js';
import { uploadView } from './uploads.schema.js';
import { UploadsService } from './uploads.service.js';

/** Batches that are sent in pieces; the answer to the last piece has the header Bascule-Batch-Id. */
@ApiTags('uploads')
@Controller('v1/uploads')
@Roles('scientist', 'client', 'admin')
@Problems(...Object.values(uploadErrors))
export class UploadsController extends TusController<UploadEntity> {
  constructor(private readonly uploads: UploadsService) {
    super(uploads, uploadErrors, 'bascule-batch-id');
  }

  @Post()
  @ApiOperation({
    summary: 'Begin a resumable upload (tus 1.0): Upload-Length, and Upload-Metadata with dataset and contract',
    description:
      'Further metadata: filetype (a content type), format, encoding, delimiter, quote, header; as for a batch that is sent at once. The answer to the last piece has the header Bascule-Batch-Id.',
  })
  @Problems(datasetNotAllowed, contractNotFound)
  async begin(
    @Headers('upload-length') length: string | undefined,
    @Headers('upload-metadata') metadata: string | undefined,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const upload = await this.uploads.begin(bytesOf('Upload-Length', length, uploadErrors), metadata ?? '', credential);
    void reply.headers(createdHeaders('/v1/uploads', upload));
  }

  @Get(':id')
  @ApiOperation({ summary: 'An upload, with the batch it became' })
  @ApiResponse({ status: 200, standardSchema: uploadView })
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential) {
    const { upload, offsetBytes } = await this.uploads.get(id, credential);
    const { datasetName, contractName, lengthBytes, became, expiresAt } = upload;
    return { uploadId: id, datasetName, contractName, lengthBytes, offsetBytes, batchId: became, expiresAt: expiresAt.toISOString() };
  }

  protected override describeUpload({ metadata }: UploadEntity): Record<string, string> {
    return { 'upload-metadata': metadata };
  }
}

import type { Readable } from 'node:stream';
import { Credential, Public, Roles } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiConsumes, ApiOperation, ApiResponse, ApiTags, sentTypeHeader } from '@bascule/platform';
import { Body, Controller, Delete, Get, Head, Headers, HttpCode, Options, Param, Patch, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { uploadInvalid } from '../errors.js';
import { uploadView } from './uploads.schema.js';
import { type UploadState, UploadsService } from './uploads.service.js';

const pieceType = 'application/offset+octet-stream';
const tus = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' };
const sender = ['scientist', 'client', 'admin'] as const;

/** Resumable uploads by tus 1.0 (https://tus.io): core, creation, expiration and termination. */
@ApiTags('uploads')
@Controller('v1/uploads')
export class UploadsController {
  constructor(private readonly uploads: UploadsService) {}

  @Options()
  @Public()
  @HttpCode(204)
  @ApiOperation({ summary: 'What of tus 1.0 is spoken' })
  describe(@Res({ passthrough: true }) reply: FastifyReply): void {
    void reply.headers({ ...tus, 'tus-version': '1.0.0', 'tus-extension': 'creation,expiration,termination' });
  }

  @Post()
  @Roles(...sender)
  @ApiOperation({
    summary: 'Begin a resumable upload (tus 1.0): Upload-Length, and Upload-Metadata with dataset and contract',
    description:
      'Further metadata: filetype (a content type), format, encoding, delimiter, quote, header; as for a batch that is sent at once.',
  })
  async begin(
    @Headers('upload-length') length: string | undefined,
    @Headers('upload-metadata') metadata: string | undefined,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const upload = await this.uploads.begin(bytesOf('Upload-Length', length), metadata ?? '', credential);
    void reply.headers({ ...tus, location: `/v1/uploads/${upload.id}`, 'upload-expires': upload.expiresAt.toUTCString() });
  }

  @Head(':id')
  @Roles(...sender)
  @ApiOperation({ summary: 'How much of an upload is there (Upload-Offset)' })
  async offset(
    @Param('id', { schema: uuid }) id: string,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const state = await this.uploads.get(id, credential);
    void reply.headers({ ...headersOf(state), 'upload-length': state.upload.lengthBytes, 'upload-metadata': state.upload.metadata });
  }

  @Get(':id')
  @Roles(...sender)
  @ApiOperation({ summary: 'An upload, with the batch it became' })
  @ApiResponse({ status: 200, standardSchema: uploadView })
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential) {
    const { upload, offsetBytes } = await this.uploads.get(id, credential);
    const { datasetName, contractName, lengthBytes, batchId, expiresAt } = upload;
    return { uploadId: upload.id, datasetName, contractName, lengthBytes, offsetBytes, batchId, expiresAt: expiresAt.toISOString() };
  }

  @Patch(':id')
  @HttpCode(204)
  @Roles(...sender)
  @ApiConsumes(pieceType)
  @ApiOperation({ summary: 'Send bytes from Upload-Offset on; the answer to the last of them has the header Bascule-Batch-Id' })
  async append(
    @Param('id', { schema: uuid }) id: string,
    @Headers('upload-offset') offset: string | undefined,
    @Headers(sentTypeHeader) contentType: string | undefined,
    @Body() body: Readable | undefined,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (contentType !== pieceType || !body) throw uploadInvalid({}, `the body is not ${pieceType}`);
    void reply.headers(headersOf(await this.uploads.append(id, bytesOf('Upload-Offset', offset), body, credential)));
  }

  @Delete(':id')
  @HttpCode(204)
  @Roles(...sender)
  @ApiOperation({ summary: 'Give an upload up' })
  async remove(
    @Param('id', { schema: uuid }) id: string,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.uploads.remove(id, credential);
    void reply.headers(tus);
  }
}

function bytesOf(name: string, text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw uploadInvalid({}, `${name} is not a number of bytes`);
  return Number(text);
}

function headersOf({ upload, offsetBytes }: UploadState): Record<string, string | number> {
  const batch: Record<string, string> = upload.batchId === null ? {} : { 'bascule-batch-id': upload.batchId };
  return { ...tus, ...batch, 'upload-offset': offsetBytes, 'upload-expires': upload.expiresAt.toUTCString() };
}

import type { Readable } from 'node:stream';
import { Credential, Roles } from '@bascule/access';
import { digest as digestSchema, uuid } from '@bascule/contracts';
import { ApiConsumes, ApiOperation, ApiTags, sentTypeHeader } from '@bascule/platform';
import { Body, Controller, Delete, Head, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { uploadInvalid } from '../errors.js';
import { ArtifactUploadsService, type UploadState } from './artifact-uploads.service.js';

const pieceType = 'application/offset+octet-stream';
const tus = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' };
const beginQuery = z.object({ digest: digestSchema.optional() });
type BeginQuery = z.infer<typeof beginQuery>;

/** Resumable uploads of model files by tus 1.0 (https://tus.io): core, creation and termination. */
@ApiTags('artifacts')
@Controller('v1/artifact-uploads')
@Roles('scientist', 'admin')
export class ArtifactUploadsController {
  constructor(private readonly uploads: ArtifactUploadsService) {}

  @Post()
  @ApiOperation({ summary: 'Begin a resumable upload of a model file (tus 1.0): Upload-Length; `digest` announces its SHA-256' })
  async begin(
    @Headers('upload-length') length: string | undefined,
    @Query({ schema: beginQuery }) { digest }: BeginQuery,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const upload = await this.uploads.begin(bytesOf('Upload-Length', length), digest ?? null, credential);
    void reply.headers({ ...tus, location: `/v1/artifact-uploads/${upload.uploadId}`, 'upload-expires': upload.expiresAt.toUTCString() });
  }

  @Head(':id')
  @ApiOperation({ summary: 'How much of an upload is there (Upload-Offset), and the artifact it became (Bascule-Artifact-Digest)' })
  async offset(
    @Param('id', { schema: uuid }) id: string,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const state = await this.uploads.get(id, credential);
    void reply.headers({ ...headersOf(state), 'upload-length': state.upload.lengthBytes });
  }

  @Patch(':id')
  @HttpCode(204)
  @ApiConsumes(pieceType)
  @ApiOperation({ summary: 'Send bytes from Upload-Offset on; the answer to the last of them has the header Bascule-Artifact-Digest' })
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
  @ApiOperation({ summary: 'Give an upload up' })
  async remove(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential): Promise<void> {
    await this.uploads.remove(id, credential);
  }
}

function bytesOf(name: string, text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw uploadInvalid({}, `${name} is not a number of bytes`);
  return Number(text);
}

function headersOf({ upload, offsetBytes }: UploadState): Record<string, string | number> {
  const became: Record<string, string> = upload.artifactDigest === null ? {} : { 'bascule-artifact-digest': upload.artifactDigest };
  return { ...tus, ...became, 'upload-offset': offsetBytes, 'upload-expires': upload.expiresAt.toUTCString() };
}

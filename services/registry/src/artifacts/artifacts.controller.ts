import { Credential, Roles } from '@bascule/access';
import { digest as digestSchema } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, Header, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { z } from 'zod';
import { artifactEmpty, artifactNotFound, digestMismatch } from '../errors.js';
import { ArtifactsService } from './artifacts.service.js';

const uploadQuery = z.strictObject({ digest: digestSchema.optional() });
type UploadQuery = z.infer<typeof uploadQuery>;

@ApiTags('artifacts')
@Controller('v1/artifacts')
export class ArtifactsController {
  constructor(private readonly artifacts: ArtifactsService) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Upload a model file; its SHA-256 becomes its name; `digest` announces it, and other bytes are refused' })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Problems(artifactEmpty, digestMismatch)
  upload(
    @Credential() credential: Credential,
    @Query({ schema: uploadQuery }) { digest }: UploadQuery,
    @Body() bytes: Buffer,
  ): Promise<{ digest: string; sizeBytes: number }> {
    return this.artifacts.upload(bytes, digest, credential);
  }

  @Get(':digest')
  @Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
  @Header('cache-control', 'private, max-age=31536000, immutable')
  @ApiOperation({ summary: 'The bytes of a model file, verified while they are read' })
  @Problems(artifactNotFound)
  async download(@Credential() credential: Credential, @Param('digest', { schema: digestSchema }) digest: string): Promise<StreamableFile> {
    const bytes = await this.artifacts.download(digest, credential);
    return new StreamableFile(bytes, { type: 'application/octet-stream', length: bytes.length });
  }
}

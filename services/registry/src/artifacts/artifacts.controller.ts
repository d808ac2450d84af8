import { Credential, Roles } from '@bascule/access';
import { digest as digestSchema } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@bascule/platform';
import { Body, Controller, Get, Header, Param, Post, StreamableFile } from '@nestjs/common';
import { ArtifactsService } from './artifacts.service.js';

@ApiTags('artifacts')
@Controller('v1/artifacts')
export class ArtifactsController {
  constructor(private readonly artifacts: ArtifactsService) {}

  @Post()
  @Roles('scientist', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Upload a model file; its SHA-256 becomes its name' })
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  upload(@Credential() credential: Credential, @Body() bytes: Buffer): Promise<{ digest: string; sizeBytes: number }> {
    return this.artifacts.upload(bytes, credential);
  }

  @Get(':digest')
  @Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
  @Header('cache-control', 'private, max-age=31536000, immutable')
  @ApiOperation({ summary: 'The bytes of a model file, verified while they are read' })
  async download(@Credential() credential: Credential, @Param('digest', { schema: digestSchema }) digest: string): Promise<StreamableFile> {
    const bytes = await this.artifacts.download(digest, credential);
    return new StreamableFile(bytes, { type: 'application/octet-stream', length: bytes.length });
  }
}

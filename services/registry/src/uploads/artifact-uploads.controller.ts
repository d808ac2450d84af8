import { Credential, Roles } from '@bascule/access';
import { digest as digestSchema } from '@bascule/contracts';
import { ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { bytesOf, createdHeaders, TusController } from '@bascule/uploads';
import { Controller, Headers, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { ArtifactUploadEntity } from './artifact-upload.entity.js';
import { ArtifactUploadsService } from './artifact-uploads.service.js';
import { uploadErrors } from './errors.js';

const beginQuery = z.strictObject({ digest: digestSchema.optional() });
type BeginQuery = z.infer<typeof beginQuery>;

/** Model files that are sent in pieces; the answer to the last piece has the header Bascule-Artifact-Digest. */
@ApiTags('artifacts')
@Controller('v1/artifact-uploads')
@Roles('scientist', 'admin')
@Problems(...Object.values(uploadErrors))
export class ArtifactUploadsController extends TusController<ArtifactUploadEntity> {
  constructor(private readonly uploads: ArtifactUploadsService) {
    super(uploads, uploadErrors, 'bascule-artifact-digest');
  }

  @Post()
  @ApiOperation({
    summary: 'Begin a resumable upload of a model file (tus 1.0): Upload-Length; `digest` announces its SHA-256',
    description: 'The answer to the last piece, and to HEAD from then on, has the header Bascule-Artifact-Digest.',
  })
  async begin(
    @Headers('upload-length') length: string | undefined,
    @Query({ schema: beginQuery }) { digest }: BeginQuery,
    @Credential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const upload = await this.uploads.begin(bytesOf('Upload-Length', length, uploadErrors), digest ?? null, credential);
    void reply.headers(createdHeaders('/v1/artifact-uploads', upload));
  }
}

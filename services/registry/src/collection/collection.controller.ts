import { Credential, Roles } from '@bascule/access';
import { digest } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags } from '@bascule/platform';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { z } from 'zod';
import { CollectionService } from './collection.service.js';

const collectBody = z
  .strictObject({
    /** Only told, nothing removed, unless this is false. */
    dryRun: z.boolean().default(true),
    /** Younger uploads stay: somebody may be about to register them. */
    graceHours: z.number().min(1).max(100_000).default(168),
  })
  .meta({ id: 'CollectArtifacts' });
const collected = z
  .object({ dryRun: z.boolean(), items: z.array(z.object({ digest, sizeBytes: z.int() })), totalBytes: z.int() })
  .meta({ id: 'CollectedArtifacts' });

@ApiTags('artifacts')
@Controller('v1/artifact-collection')
@Roles('admin')
export class CollectionController {
  constructor(private readonly collection: CollectionService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Remove uploaded model files that never became a version; a dry run unless `dryRun` is false' })
  @ApiResponse({ status: 200, standardSchema: collected })
  async collect(
    @Credential() credential: Credential,
    @Body({ schema: collectBody }) { dryRun, graceHours }: z.infer<typeof collectBody>,
  ): Promise<z.infer<typeof collected>> {
    const items = await this.collection.collect(graceHours, dryRun, credential.identity);
    return { dryRun, items, totalBytes: items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  }
}

import { Credential, Roles } from '@bascule/access';
import { digest } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { provenanceKeyNotFound, provenanceKeyRevoked } from '../errors.js';
import {
  type ProvenanceKeyView,
  provenanceKeyPage,
  provenanceKeySchema,
  provenanceKeyView,
  type RevokeKey,
  revokeKey,
  type TrustKey,
  trustKey,
} from './provenance-keys.schema.js';
import { ProvenanceKeysService } from './provenance-keys.service.js';

@ApiTags('signatures')
@Controller('v1/provenance-keys')
export class ProvenanceKeysController {
  constructor(private readonly keys: ProvenanceKeysService) {}

  @Get()
  @Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'Public keys that are trusted to say what models were made from, or were, the newest first' })
  @ApiResponse({ status: 200, standardSchema: provenanceKeyPage })
  async list(): Promise<Page<ProvenanceKeyView>> {
    return { items: (await this.keys.list()).map(provenanceKeyView), nextCursor: null };
  }

  @Post()
  @Roles('admin')
  @ApiOperation({ summary: 'Trust a key, for example the next one of training, or that of a builder elsewhere' })
  @ApiResponse({ status: 201, standardSchema: provenanceKeySchema })
  @Problems(provenanceKeyRevoked)
  async trust(
    @Credential() { identity }: Credential,
    @Body({ schema: trustKey }) { publicKey, reason }: TrustKey,
  ): Promise<ProvenanceKeyView> {
    return provenanceKeyView(await this.keys.trust(publicKey, identity, reason));
  }

  @Post(':keyId/revoke')
  @Roles('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Revoke a key: nothing it signed is provenance any more' })
  @ApiResponse({ status: 200, standardSchema: provenanceKeySchema })
  @Problems(provenanceKeyNotFound)
  async revoke(
    @Credential() { identity }: Credential,
    @Param('keyId', { schema: digest }) keyId: string,
    @Body({ schema: revokeKey }) { reason }: RevokeKey,
  ): Promise<ProvenanceKeyView> {
    return provenanceKeyView(await this.keys.revoke(keyId, identity, reason));
  }
}

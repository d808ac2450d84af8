import { Credential, Roles } from '@bascule/access';
import { digest } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { signingKeyNotFound } from '../errors.js';
import { type KeyReason, keyReason, type SigningKeyView, signingKeyPage, signingKeySchema, signingKeyView } from './signing.schema.js';
import { SigningKeysService } from './signing-keys.service.js';

@ApiTags('signatures')
@Controller('v1/signing-keys')
export class SigningKeysController {
  constructor(private readonly keys: SigningKeysService) {}

  @Get()
  @Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'Public keys that sign or signed models, the newest first' })
  @ApiResponse({ status: 200, standardSchema: signingKeyPage })
  async list(): Promise<Page<SigningKeyView>> {
    return { items: (await this.keys.list()).map(signingKeyView), nextCursor: null };
  }

  @Post()
  @Roles('admin')
  @ApiOperation({ summary: 'Rotate: make a new key; what the old one signed stays good' })
  @ApiResponse({ status: 201, standardSchema: signingKeySchema })
  @Problems(signingKeyNotFound)
  async rotate(@Credential() credential: Credential, @Body({ schema: keyReason }) { reason }: KeyReason): Promise<SigningKeyView> {
    return signingKeyView(await this.keys.rotate(credential.identity, reason));
  }

  @Post(':keyId/revoke')
  @Roles('admin')
  @HttpCode(200)
  @ApiOperation({ summary: 'Revoke a key: nothing it signed can be promoted any more until it is signed again' })
  @ApiResponse({ status: 200, standardSchema: signingKeySchema })
  @Problems(signingKeyNotFound)
  async revoke(
    @Credential() credential: Credential,
    @Param('keyId', { schema: digest }) keyId: string,
    @Body({ schema: keyReason }) { reason }: KeyReason,
  ): Promise<SigningKeyView> {
    return signingKeyView(await this.keys.revoke(keyId, credential.identity, reason));
  }
}

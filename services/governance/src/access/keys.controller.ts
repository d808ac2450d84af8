import { Credential, datasetNotAllowed, modelNotAllowed, Roles } from '@bascule/access';
import { ApiBearerAuth, ApiOperation, ApiTags, decodeCursor, type Page, type PageQuery, Problems, pageOf } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { keyNotFound, lastAdmin } from '../errors.js';
import type { AccessKey } from './access-key.entity.js';
import { type CreateKey, createKey, type KeyLimits, keyCursor, keyId, keyLimits, keysQuery } from './keys.schema.js';
import { KeysService } from './keys.service.js';

function shown({ secretHash: _, ...key }: AccessKey) {
  return key;
}

@ApiTags('access')
@ApiBearerAuth()
@Controller('v1')
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @Post('keys')
  @Roles('admin')
  @ApiOperation({ summary: 'Makes a key. Its token is shown in this answer only; a repeat makes another key' })
  @Problems(datasetNotAllowed, modelNotAllowed)
  async createKey(@Body({ schema: createKey }) body: CreateKey, @Credential() credential: Credential) {
    const { key, token } = await this.keys.create(body, credential);
    return { ...shown(key), token };
  }

  @Get('keys')
  @Roles('admin', 'auditor')
  @ApiOperation({ summary: 'Lists keys, without secrets' })
  async listKeys(@Query({ schema: keysQuery }) { limit, cursor }: PageQuery): Promise<Page<ReturnType<typeof shown>>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, keyCursor);
    const rows = await this.keys.list(limit + 1, after);
    return pageOf(rows.map(shown), limit, (key) => key.keyId);
  }

  @Put('keys/:id/limits')
  @Roles('admin')
  @ApiOperation({ summary: 'Replaces what a key may use of the gateways; an empty object takes every limit away' })
  @Problems(datasetNotAllowed, modelNotAllowed, keyNotFound)
  async setLimits(@Param('id', { schema: keyId }) id: string, @Body({ schema: keyLimits }) body: KeyLimits, @Credential() by: Credential) {
    return shown(await this.keys.setLimits(id, body, by));
  }

  @Post('keys/:id/revoke')
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({ summary: 'Revokes a key; every service refuses it within a second' })
  @Problems(keyNotFound, lastAdmin)
  async revokeKey(@Param('id', { schema: keyId }) id: string, @Credential() credential: Credential) {
    return shown(await this.keys.revoke(id, credential));
  }

  @Get('whoami')
  @Roles('client', 'operator', 'scientist', 'approver', 'auditor', 'admin', 'service')
  @ApiOperation({ summary: 'Says whose key this is and what it may do' })
  whoami(@Credential() credential: Credential): Credential {
    return credential;
  }
}

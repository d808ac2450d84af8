import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Delete, HttpCode, Param, Put, Query } from '@nestjs/common';
import {
  type AliasBody,
  type AliasMoveView,
  aliasBody,
  aliasMoveSchema,
  aliasMoveView,
  aliasName,
  type RemoveAliasQuery,
  removeAliasQuery,
} from '../aliases/aliases.schema.js';
import { aliasNotFound, aliasReserved, environmentUnknown, versionArchived, versionNotFound } from '../errors.js';
import { NamingService } from './naming.service.js';

@ApiTags('aliases')
@Controller('v1/models/:model/aliases/:alias')
@Roles('scientist', 'operator', 'admin')
export class NamingController {
  constructor(private readonly naming: NamingService) {}

  @Put()
  @ApiOperation({ summary: 'Point an alias at a version; the champion alias is moved by completed rollouts only' })
  @ApiResponse({ status: 200, standardSchema: aliasMoveSchema })
  @Problems(aliasNotFound, aliasReserved, environmentUnknown, versionArchived, versionNotFound)
  async point(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('alias', { schema: aliasName }) alias: string,
    @Body({ schema: aliasBody }) body: AliasBody,
  ): Promise<AliasMoveView> {
    requireModel(credential, model);
    return aliasMoveView(await this.naming.point(model, alias, body, credential));
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Take an alias away; its history stays' })
  @Problems(aliasNotFound, aliasReserved, environmentUnknown)
  async remove(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('alias', { schema: entityName }) alias: string,
    @Query({ schema: removeAliasQuery }) query: RemoveAliasQuery,
  ): Promise<void> {
    requireModel(credential, model);
    await this.naming.remove(model, alias, query, credential);
  }
}

import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { signatureNotFound, versionNotFound } from '../errors.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { versionParam } from '../versions/versions.schema.js';
import { VersionsService } from '../versions/versions.service.js';
import { type SignatureView, signatureSchema } from './signing.schema.js';
import { SigningService } from './signing.service.js';

@ApiTags('signatures')
@Controller('v1/models/:model/versions/:version/signature')
export class SignaturesController {
  constructor(
    private readonly signing: SigningService,
    private readonly versions: VersionsService,
  ) {}

  @Get()
  @Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
  @ApiOperation({ summary: 'The signature of a version by OpenSSF Model Signing, checked now' })
  @ApiResponse({ status: 200, standardSchema: signatureSchema })
  @Problems(signatureNotFound, versionNotFound)
  async get(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
  ): Promise<SignatureView> {
    requireModel(credential, model);
    return this.view(await this.versions.get(model, version));
  }

  @Post()
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({ summary: 'Sign a version again with the key of now, after its key was revoked' })
  @ApiResponse({ status: 200, standardSchema: signatureSchema })
  @Problems(signatureNotFound, versionNotFound)
  async signAgain(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) number: number,
  ): Promise<SignatureView> {
    requireModel(credential, model);
    const version = await this.versions.get(model, number);
    await this.signing.sign(version, credential.identity);
    return this.view(version);
  }

  private async view(version: VersionEntity): Promise<SignatureView> {
    const { faults } = await this.signing.verify(version);
    const signature = await this.signing.find(version.modelName, version.version);
    const bundle = signature ? await this.signing.bundle(version.modelName, version.version).catch(() => undefined) : undefined;
    return {
      isGood: faults.length === 0,
      faults,
      signatureDigest: signature?.bundleDigest ?? null,
      keyId: signature?.keyId ?? null,
      bundle: bundle === undefined ? null : (JSON.parse(bundle) as Record<string, unknown>),
    };
  }
}

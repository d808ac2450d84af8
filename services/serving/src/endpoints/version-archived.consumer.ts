import { type VersionArchived, versionArchived } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { EndpointSettingsService } from './endpoint-settings.service.js';
import { KnownVersionsService } from './known-versions.service.js';

@Injectable()
export class VersionArchivedConsumer {
  constructor(
    private readonly versions: KnownVersionsService,
    private readonly settings: EndpointSettingsService,
  ) {}

  @Consume(versionArchived)
  async retireShadow({ data }: VersionArchived): Promise<void> {
    await this.versions.archive(data.modelName, data.version);
    await this.settings.dropShadow(data);
  }
}

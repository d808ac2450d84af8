import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module.js';
import { PromotionModule } from '../promotion/promotion.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { ArchiveController } from './archive.controller.js';
import { ArchiveService } from './archive.service.js';

@Module({ imports: [AliasesModule, PromotionModule, VersionsModule], controllers: [ArchiveController], providers: [ArchiveService] })
export class ArchivingModule {}

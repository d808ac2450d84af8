import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module.js';
import { VersionsModule } from '../versions/versions.module.js';
import { NamingController } from './naming.controller.js';
import { NamingService } from './naming.service.js';

@Module({ imports: [AliasesModule, VersionsModule], controllers: [NamingController], providers: [NamingService] })
export class NamingModule {}

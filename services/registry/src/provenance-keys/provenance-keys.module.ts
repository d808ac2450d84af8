import { Module } from '@nestjs/common';
import { ProvenanceKeyFile } from './provenance-key-file.store.js';
import { ProvenanceKeysController } from './provenance-keys.controller.js';
import { ProvenanceKeysService } from './provenance-keys.service.js';

@Module({
  controllers: [ProvenanceKeysController],
  providers: [ProvenanceKeysService, ProvenanceKeyFile],
  exports: [ProvenanceKeysService],
})
export class ProvenanceKeysModule {}

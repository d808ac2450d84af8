import { Module } from '@nestjs/common';
import { KeyFile } from './key-file.store.js';
import { SigningService } from './signing.service.js';
import { SigningKeysController } from './signing-keys.controller.js';
import { SigningKeysService } from './signing-keys.service.js';

@Module({ controllers: [SigningKeysController], providers: [KeyFile, SigningKeysService, SigningService], exports: [SigningService] })
export class SigningModule {}

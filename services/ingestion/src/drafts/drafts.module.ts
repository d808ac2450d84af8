import { Module } from '@nestjs/common';
import { DraftsController } from './drafts.controller.js';

/** Contracts drafted from samples. */
@Module({ controllers: [DraftsController] })
export class DraftsModule {}

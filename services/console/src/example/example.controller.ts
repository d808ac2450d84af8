import { readFile } from 'node:fs/promises';
import { Public } from '@bascule/access';
import { CONFIG } from '@bascule/platform';
import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { SessionService } from '../session/session.service.js';
import { parseSteps } from './parse-steps.js';

@Public()
@Controller('example')
export class ExampleController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sessions: SessionService,
  ) {}

  /** The steps of the example that have been played so far; empty when none is playing. */
  @Get()
  async steps(@Req() request: FastifyRequest) {
    await this.sessions.keyOf(request);
    if (!this.config.EXAMPLE_REPORT) return { items: [] };
    const text = await readFile(this.config.EXAMPLE_REPORT, 'utf8').catch(() => '');
    return { items: parseSteps(text) };
  }
}

import { AccessModule } from '@bascule/access';
import { MessagingModule } from '@bascule/messaging';
import { PlatformModule } from '@bascule/platform';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from './config.js';
import { ExampleModule } from './example/example.module.js';
import { ForwardModule } from './forward/forward.module.js';
import { HealthModule } from './health/health.module.js';
import { LiveModule } from './live/live.module.js';
import { PageModule } from './page/page.module.js';
import { SessionModule } from './session/session.module.js';

class AppModule {}

/** The console: a page, a session, and doors to the services' public APIs. Owns no truth. */
export function appModule(config: Config): DynamicModule {
  return {
    module: AppModule,
    imports: [
      PlatformModule.forRoot({ service: 'console', config }),
      MessagingModule.forRoot({ service: 'console', natsUrl: config.NATS_URL }),
      AccessModule.forRoot(),
      SessionModule,
      HealthModule,
      ForwardModule,
      LiveModule,
      ExampleModule,
      PageModule,
    ],
  };
}

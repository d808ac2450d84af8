import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serviceNames } from '@bascule/contracts';
import { migrate } from '@bascule/database';
import { repositoryRoot } from './service-process.js';

// A process of its own, so that the memory TypeORM takes is given back; also runs as a job beside containers.
// DATABASE_OWNER_URL names the database, <SERVICE>_DATABASE_PASSWORD the passwords the roles get.

const ownerUrl = process.env['DATABASE_OWNER_URL'];
if (!ownerUrl) {
  process.stderr.write('DATABASE_OWNER_URL must be the URL of the database as its owner\n');
  process.exit(2);
}
for (const service of serviceNames) {
  const file = join(repositoryRoot, 'services', service, 'dist', 'migrations', 'index.js');
  if (!existsSync(file)) throw new Error(`services/${service} is not built: type npm run build`);
  const { migrations } = (await import(pathToFileURL(file).href)) as { migrations: Parameters<typeof migrate>[0]['migrations'] };
  const rolePassword = process.env[`${service.toUpperCase()}_DATABASE_PASSWORD`];
  await migrate({ ownerUrl, service, migrations, ...(rolePassword ? { rolePassword } : {}) });
  process.stdout.write(`${service} migrated\n`);
}

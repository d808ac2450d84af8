import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serviceNames } from '@bascule/contracts';
import { natsConfig } from './nats-permissions.js';
import { shareProvenanceKey } from './provenance-key.js';
import { natsUsers, readPasswords, readRoleKeys } from './secrets-file.js';

// The job `secrets` of docker-compose.yml: makes passwords, keys and the NATS users at the first start, the same ever after.
// node compose-secrets.main.js FOLDER; FOLDER/NAME is what the container NAME gets to see, FOLDER/all stays with the jobs.

const folder = process.argv[2] ?? process.env['SECRETS_ROOT'];
if (!folder) {
  process.stderr.write('compose-secrets.main.js FOLDER\n');
  process.exit(2);
}
const root = folder;

// readable for every user of the container that gets the folder: some images do not run as ours
function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode: 0o644 });
}

const variables = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

mkdirSync(join(root, 'all'), { recursive: true });
const passwords = readPasswords(join(root, 'all', 'passwords.json'));
const keys = readRoleKeys(join(root, 'all', 'keys.json'));

const ownerFile = join('postgres', 'password');
if (!existsSync(join(root, ownerFile))) write(ownerFile, randomBytes(24).toString('hex'));
const ownerPassword = readFileSync(join(root, ownerFile), 'utf8');
const rolePasswords = serviceNames.map((name) => [`${name.toUpperCase()}_DATABASE_PASSWORD`, passwords.database[name]!]);
write(
  'all/env',
  variables({ DATABASE_OWNER_URL: `postgres://bascule:${ownerPassword}@postgres:5432/bascule`, ...Object.fromEntries(rolePasswords) }),
);

write('nats/nats-server.conf', `port: 4222\nhttp: 8222\njetstream { store_dir: "/data" }\n${natsConfig(passwords.nats, natsUsers)}`);
for (const name of serviceNames) {
  const own = {
    NATS_URL: `nats://${name}:${passwords.nats[name]}@nats:4222`,
    DATABASE_URL: `postgres://${name}:${passwords.database[name]}@postgres:5432/bascule`,
  };
  write(`${name}/env`, variables(own));
}
write('console/env', variables({ NATS_URL: `nats://console:${passwords.nats['console']}@nats:4222` }));

// training alone gets the private half
shareProvenanceKey(join(root, 'training/provenance-key.pem'), join(root, 'registry/provenance-keys.pem'), 0o644);
write('governance/keys.json', `${JSON.stringify(keys, null, 2)}\n`);
const services = serviceNames.map((name) => [name, { url: `http://${name}:8080`, urls: [`http://${name}:8080`] }]);
write('example/stack.json', `${JSON.stringify({ services: Object.fromEntries(services), keys }, null, 2)}\n`);
process.stdout.write('passwords and keys are in place\n');

import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@bascule/contracts';
import { natsConfig } from './nats-permissions.js';
import { natsUsers, readPasswords, readRoleKeys } from './secrets-file.js';

// Makes what docker-compose.yml needs and no repository may hold: passwords, one key per role, the NATS users.
// node libs/launcher/dist/compose-secrets.main.js [FOLDER]; made once, the same ever after.

const containerUser = 1000;
const folder = process.argv[2] ?? join('.bascule', 'compose');
mkdirSync(folder, { recursive: true, mode: 0o755 });
const passwords = readPasswords(join(folder, 'passwords.json'));
readRoleKeys(join(folder, 'keys.json'));

const natsFile = join(folder, 'nats-server.conf');
const jetStream = 'port: 4222\nhttp: 8222\njetstream { store_dir: "/data" }\n';
writeFileSync(natsFile, jetStream + natsConfig(passwords.nats, natsUsers), { mode: 0o600 });

const ownUser = process.getuid?.() ?? containerUser;
const user = ownUser === 0 ? containerUser : ownUser;
if (ownUser === 0) for (const file of ['keys.json', 'nats-server.conf']) chownSync(join(folder, file), containerUser, containerUser);

const variables = {
  BASCULE_SECRETS: folder.startsWith('/') ? folder : `./${folder}`,
  BASCULE_USER: String(user),
  POSTGRES_PASSWORD: passwords.database['governance']!.split('').reverse().join(''),
  ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_DATABASE_PASSWORD`, passwords.database[name]!])),
  ...Object.fromEntries([...serviceNames, 'console'].map((name) => [`${name.toUpperCase()}_NATS_PASSWORD`, passwords.nats[name]!])),
};
const text = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
writeFileSync(join(folder, 'compose.env'), text.join(''), { mode: 0o600 });
process.stdout.write(`${join(folder, 'compose.env')}\n`);

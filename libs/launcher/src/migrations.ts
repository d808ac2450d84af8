import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './service-process.js';

/** Migrates all six schemas and sets the passwords of their roles. */
export async function runMigrations(ownerUrl: string, passwords: Record<string, string>): Promise<void> {
  const main = join(repositoryRoot, 'libs', 'launcher', 'dist', 'migrate.main.js');
  const env = Object.fromEntries(
    Object.entries(passwords).map(([service, password]) => [`${service.toUpperCase()}_DATABASE_PASSWORD`, password]),
  );
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'] ?? '', DATABASE_OWNER_URL: ownerUrl, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`the migrations failed:\n${output.trim()}`);
}

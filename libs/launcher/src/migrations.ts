import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Migrates all six schemas and sets the passwords of their roles. */
export async function runMigrations(ownerUrl: string, passwords: Record<string, string>): Promise<void> {
  const main = fileURLToPath(new URL('../dist/migrate.main.js', import.meta.url));
  const env = Object.fromEntries(
    Object.entries(passwords).map(([service, password]) => [`${service.toUpperCase()}_DATABASE_PASSWORD`, password]),
  );
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, DATABASE_OWNER_URL: ownerUrl, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`the migrations failed:\n${output.trim()}`);
}

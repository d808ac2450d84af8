import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Packages are often installed where a normal user's PATH does not look. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/opt/local/bin'];

/** First executable of this name on the PATH or in the usual folders. */
export function findExecutable(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  for (const folder of [...path.split(delimiter).filter(Boolean), ...usualFolders]) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // look in the next folder
    }
  }
  return undefined;
}

interface Installer {
  program: string;
  commands: string[][];
  needsRoot: boolean;
}

const installers: Installer[] = [
  {
    program: 'apt-get',
    commands: [
      ['apt-get', 'update', '-q'],
      ['apt-get', 'install', '-y', '-q', '--no-install-recommends', 'nats-server'],
    ],
    needsRoot: true,
  },
  { program: 'dnf', commands: [['dnf', 'install', '-y', 'nats-server']], needsRoot: true },
  { program: 'apk', commands: [['apk', 'add', 'nats-server']], needsRoot: true },
  { program: 'brew', commands: [['brew', 'install', 'nats-server']], needsRoot: false },
];

function canUseSudo(): boolean {
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Finds nats-server, installing it through the system's package manager where that is allowed. */
export function ensureNatsServer(tell: (text: string) => void = () => {}): string {
  const found = findExecutable('nats-server');
  if (found) return found;
  const installer = installers.find(({ program }) => findExecutable(program));
  const isRoot = process.getuid?.() === 0;
  if (!installer) {
    throw new Error('nats-server was not found. Install it from https://nats.io/download (2.9 or newer), or set NATS_URL to use your own.');
  }
  const typed = installer.commands
    .map((command) => [...(installer.needsRoot && !isRoot ? ['sudo'] : []), ...command].join(' '))
    .join(' && ');
  const mayInstall = !installer.needsRoot || isRoot || canUseSudo();
  if (mayInstall) {
    tell(`installing nats-server: ${typed}`);
    for (const command of installer.commands) {
      const [program, ...args] = installer.needsRoot && !isRoot ? ['sudo', '-n', ...command] : command;
      try {
        execFileSync(program!, args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
      } catch {
        // a failed refresh of the package list need not matter; what counts is whether the program is there
      }
    }
    const installed = findExecutable('nats-server');
    if (installed) return installed;
  }
  throw new Error(
    `nats-server was not found${mayInstall ? ' and could not be installed' : ''}. Type: ${typed}   (or set NATS_URL to use your own)`,
  );
}

// Some registry mirrors carry only linux builds of platform packages. npm then leaves the others out of
// package-lock.json, and `npm ci` refuses the lock: "Missing: @biomejs/cli-darwin-x64@ from lock file".
// This writes the left-out optional entries (name, version, os, cpu, libc), which npm skips on this platform.
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const OS = {
  darwin: 'darwin',
  macos: 'darwin',
  linux: 'linux',
  win32: 'win32',
  windows: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
  openharmonyos: 'openharmony',
  wasm32: 'wasm',
  wasi: 'wasm',
  wasm: 'wasm',
};
const CPU = {
  x64: 'x64',
  x86_64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
  arm: 'arm',
  armv7: 'arm',
  ia32: 'ia32',
  x86: 'ia32',
  ppc64: 'ppc64',
  ppc64le: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  loongarch64: 'loong64',
  mips64el: 'mips64el',
  mips64le: 'mips64el',
  wasm32: 'wasm32',
  gnueabihf: 'arm',
};
let added = 0;
for (const [path, pkg] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(pkg.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] || lock.packages[`${path}/node_modules/${name}`]) continue;
    if (!/^\d/.test(range)) continue; // exact versions only
    const words = name.split('/').pop().toLowerCase().split(/[-_.]/);
    const os = words.map((w) => OS[w]).find(Boolean);
    const joined = name.toLowerCase();
    const cpu = joined.includes('x86_64') ? 'x64' : words.map((w) => CPU[w]).find(Boolean);
    if (!os || os === 'wasm' || (os === 'linux' && !joined.match(/musl|arm|riscv|s390|ppc|loong|mips|ia32/))) {
      console.log('skipped', name);
      continue;
    }
    lock.packages[`node_modules/${name}`] = {
      version: range,
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(pkg.dev ? { dev: true } : {}),
      ...(joined.includes('musl') ? { libc: ['musl'] } : {}),
      optional: true,
      os: [os],
    };
    added++;
  }
}
const { '': root, ...rest } = lock.packages;
lock.packages = { '': root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added`);

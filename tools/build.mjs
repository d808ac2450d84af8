import { build, prepareInstall } from './prepare.mjs';

try {
  await prepareInstall();
  await build(console.log);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

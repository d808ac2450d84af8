import { runStep } from './report.js';
import { readStack } from './stack.js';
import { audit } from './steps/audit.js';
import { badVersion } from './steps/bad-version.js';
import { brokenFeature } from './steps/broken-feature.js';
import { canary } from './steps/canary.js';
import { detectDrift } from './steps/detect-drift.js';
import { ingest } from './steps/ingest.js';
import { promote } from './steps/promote.js';
import { replayQuiet } from './steps/replay-quiet.js';
import { train } from './steps/train.js';
import { Story } from './story.js';

const steps = [ingest, train, promote, replayQuiet, detectDrift, brokenFeature, canary, badVersion, audit];

const stackFile = process.env['BASCULE_STACK'];
if (!stackFile) {
  process.stderr.write('BASCULE_STACK must name the stack.json of a running stack, for example BASCULE_STACK=.bascule/stack.json\n');
  process.exit(2);
}
const until = process.argv.indexOf('--until');
const lastStep = until < 0 ? steps.length : steps.findIndex(({ name }) => name === process.argv[until + 1]) + 1;
if (lastStep === 0) {
  process.stderr.write(`--until wants one of ${steps.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
const story = new Story(readStack(stackFile), process.env['BASCULE_JOURNAL']);
for (const [index, step] of steps.slice(0, lastStep).entries()) {
  const { ok } = await runStep(index + 1, step, story, process.env['BASCULE_REPORT']);
  if (!ok) process.exit(1);
}

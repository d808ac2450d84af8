import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalStore } from '@bascule/storage';
import { loadPart, type Part } from './product.js';

// one part of a run in a process of its own: reads job.json from a folder, prints one line of JSON

const [folder, part] = process.argv.slice(2) as [string, Part];
const job = JSON.parse(readFileSync(join(folder, 'job.json'), 'utf8')) as { objectRoot: string };
const carryOut = await loadPart(part);
const before = process.memoryUsage.rss();
const started = performance.now();
const { outcome, artifactDigest, reasons } = await carryOut(job, new LocalStore(job.objectRoot), join(folder, 'work'));
if (outcome !== (part === 'prepare' ? 'prepared' : 'succeeded')) throw new Error(`a run ended as ${outcome}: ${reasons?.join('; ')}`);
const seconds = (performance.now() - started) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ seconds, artifactDigest, peakBytes, grownBytes: peakBytes - before })}\n`);
process.exit(0);

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { entityName } from '@bascule/contracts';
import type { StackFile } from '@bascule/launcher';
import { callersFile } from '../caller-folder.js';
import { printableLine } from '../printable.js';
import { CommandError } from '../running-stack.js';
import type { GivenOptions } from './adopt.js';
import {
  askEndpoint,
  draftContractOf,
  followPromotion,
  isOpen,
  promoteTo,
  readBytes,
  registerVersion,
  setGates,
  tryModel,
  uploadBytes,
  uploadModel,
} from './adopt-steps.js';
import { doubtsAbout, unansweredRows } from './doubts.js';
import { withRoles } from './draft-contract.js';
import { draftGates } from './draft-gates.js';
import { draftProfile } from './draft-profile.js';
import { fillTensors, unfitColumns } from './fill-tensors.js';
import { type Finding, type Mapping, mapInputs } from './map-inputs.js';
import { type AnsweredTensor, answeredRows, type Measured, measureModel, pickRows } from './measure-model.js';
import { type DataFile, readData } from './read-data.js';

const mostRows = 5_000;
/** Values per request: bodies stay small however many columns a model takes. */
const cellsPerTrial = 20_000;
const rolloutMs = 60_000;
/** The gateway hears of a rollout's end a moment later. */
const answerMs = 15_000;

/** Drafts what a model needs here, registers it and asks for its promotion. */
export async function adoptModel(info: StackFile, options: GivenOptions): Promise<void> {
  const name = nameOf(options);
  const bytes = readBytes(options.model);
  if (!bytes) throw new CommandError(`there is no file ${options.model}`);
  const data = await readData(options.data, mostRows);
  if (!data.columns.includes(options.target)) {
    throw new CommandError(`${options.data} has no column ${options.target}; it has: ${data.columns.map(printableLine).join(', ')}`);
  }
  const outline = await uploadModel(info, bytes);
  const refused = outline.faults.map((what) => ({
    what,
    remedy: 'convert the model with allowed operators only, in one file',
    isBlocking: true,
  }));
  const mapping = mapInputs(
    outline,
    data.columns,
    options.target,
    options.features?.split(',').map((column) => column.trim()),
  );
  const findings = [...refused, ...mapping.findings, ...unfitColumns(mapping, data)];
  if (findings.some(({ isBlocking }) => isBlocking)) stop(findings);
  const { mapping: shaped, measured, findings: seen } = await measure(info, outline.digest, mapping, data, options);
  findings.push(...seen);
  const out = callersFile(options.out ?? `${name}.adopted`);
  const { contract, notes } = await draftContractOf(info, name, options.data);
  const profile = draftProfile(name, data, shaped, measured);
  const stored = await uploadBytes(info, Buffer.from(JSON.stringify(profile)));
  const [first] = data.rows.filter((row) => row.every((value) => value !== ''));
  const samples = fillTensors(shaped, data, [first ?? data.rows[0]!]);
  const { version, admission } = await registerVersion(info, name, {
    artifactDigest: outline.digest,
    signature: shaped.signature,
    metrics: measured.metrics,
    profileDigest: stored.digest,
    source: 'import',
    description: `Adopted from ${basename(options.model)}, measured on ${measured.scores.length} rows of ${basename(options.data)}.`,
    tags: { adopted: 'yes' },
    samples,
  });
  const gates = draftGates(measured, admission?.batches.find(({ rows }) => rows === 1)?.p95Ms, options.environment);
  const request = {
    inputs: samples.map((sample) => ({ ...sample, datatype: shaped.signature.inputs.find((spec) => spec.name === sample.name)!.datatype })),
  };
  writeDrafts(out, {
    'contract.json': withRoles(contract, options.target, shaped),
    'profile.json': profile,
    'gates.json': gates,
    'request.json': request,
  });
  const rows = data.isCut ? `the first ${data.rows.length} rows of the file, those after them were not read` : 'the rows of the file';
  const areSet = await setGates(info, name, gates);
  const metrics = Object.entries(measured.metrics).map(([metric, value]) => `${metric} ${value.toPrecision(4)}`);
  console.log(`${name} version ${version}: ${measured.task}, ${metrics.join(', ')} on ${measured.scores.length} rows`);
  console.log(`figures    of ${rows}; rows that the model was trained on flatter it: name a file that it has not seen`);
  console.log(
    `drafts     ${out}/contract.json, profile.json, gates.json${areSet ? ' (set)' : ' (not set: the model has gates of its own)'}, request.json`,
  );
  for (const note of notes.filter((text) => !text.startsWith('no column has the role'))) console.log(`contract   ${printableLine(note)}`);
  for (const { what, remedy } of findings) console.log(`not taken  ${printableLine(what)}\n           ${printableLine(remedy)}`);
  await bringUp(info, name, version, options.environment, request);
}

/** Asks the model for every row, a few hundred at a time. Outputs whose width the file leaves open get it from the answer. */
async function measure(info: StackFile, digest: string, mapping: Mapping, data: DataFile, options: GivenOptions) {
  const parts: (readonly AnsweredTensor[])[] = [];
  let current = mapping;
  const width = mapping.feeds.reduce((sum, { columns }) => sum + columns.length, 0);
  const rowsPerTrial = Math.max(1, Math.floor(cellsPerTrial / width));
  for (let at = 0; at < data.rows.length; at += rowsPerTrial) {
    const inputs = fillTensors(current, data, data.rows.slice(at, at + rowsPerTrial));
    const outputs = await tryModel(info, digest, current.signature, inputs);
    if (at === 0) current = withWidths(current, outputs);
    parts.push(outputs);
  }
  const whole = parts[0]!.map(({ name, shape }, output): AnsweredTensor => {
    return { name, shape: [data.rows.length, ...shape.slice(1)], data: parts.flatMap((part) => part[output]!.data) };
  });
  const rows = answeredRows(whole, data.rows.length);
  const findings = unansweredRows(mapping, data, rows);
  if (findings.some(({ isBlocking }) => isBlocking)) stop([...mapping.findings, ...findings]);
  const place = data.columns.indexOf(options.target);
  const measured = measureModel(
    pickRows(whole, rows),
    rows.map((row) => data.rows[row]?.[place] ?? ''),
    options.positive,
  );
  if (typeof measured === 'string') {
    const remedy = 'name the right --target, write its values as the model does, or convert the model with its probabilities';
    stop([{ what: measured, remedy, isBlocking: true }]);
  }
  return { mapping: current, measured: measured as Measured, findings: [...findings, ...doubtsAbout(measured as Measured)] };
}

function withWidths(mapping: Mapping, outputs: readonly AnsweredTensor[]): Mapping {
  const widths = new Map(outputs.map(({ name, shape }) => [name, shape]));
  const specs = mapping.signature.outputs.map((spec) => {
    const shape = widths.get(spec.name);
    return shape === undefined
      ? spec
      : { ...spec, shape: spec.shape.map((size, axis) => (axis === 0 || size !== -1 ? size : shape[axis]!)) };
  });
  return { ...mapping, signature: { ...mapping.signature, outputs: specs } };
}

async function bringUp(info: StackFile, name: string, version: number, environment: string, request: object): Promise<void> {
  const url = environment === 'production' ? info.services.serving.url : info.environments?.[environment]?.url;
  if (url === undefined) {
    // a rollout that no gateway hears of would be loading for ever
    console.log(`staging    no gateway serves ${environment} here, so its promotion was not asked for. Start the stack again, then ask:`);
    console.log(`           npm start -- --environment ${environment}`);
    console.log(`           npm run bascule -- promote ${name} ${version} --environment ${environment}`);
    return;
  }
  const asked = await promoteTo(info, name, version, environment);
  if (asked.status === 'requested') {
    console.log(`staging    promotion ${asked.promotionId} waits for approvers: npm run bascule -- promote follows it with --wait`);
    return;
  }
  const ended = await followPromotion(info, asked, rolloutMs);
  if (isOpen(ended)) {
    console.log(`staging    promotion ${asked.promotionId} is ${ended.status} and goes on by itself: ${ended.reasons.join('; ')}`);
    return;
  }
  if (ended.status !== 'completed')
    throw new CommandError(`the promotion to ${environment} is ${ended.status}: ${ended.reasons.join('; ')}`);
  const refusal = await askEndpoint(info, url, name, request, answerMs);
  const said = refusal === undefined ? 'answers the sample request' : `came up, but does not answer the sample request: ${refusal}`;
  console.log(`endpoint   ${url}/v2/models/${name}/infer ${printableLine(said)}`);
}

function stop(findings: readonly Finding[]): never {
  const lines = [...findings]
    .sort((a, b) => Number(b.isBlocking) - Number(a.isBlocking))
    .map(({ what, remedy }) => `${printableLine(what)}\n  ${printableLine(remedy)}`);
  throw new CommandError(`the model cannot be adopted as it is:\n${lines.join('\n')}`);
}

function writeDrafts(folder: string, drafts: Record<string, unknown>): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(drafts)) writeFileSync(join(folder, file), `${JSON.stringify(content, null, 2)}\n`);
}

function nameOf({ name, model }: GivenOptions): string {
  const made =
    name ??
    basename(model, '.onnx')
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 63);
  if (!entityName.safeParse(made).success)
    throw new CommandError(`${made || model} is no name for a model; give one with --name, for example claims-triage`);
  return made;
}

import {
  type AnswerVerdict,
  type AuditEvidence,
  parseAnswer,
  type ReceiptStatement,
  readVerifierKey,
  verifyAnswer,
  verifyReceipt,
} from '@bascule/proofs';
import type { Command } from 'commander';
import { readCallersFile } from './caller-folder.js';
import { CommandError } from './running-stack.js';

/** Takes text, or what is in a file named with an @. */
function textOf(given: string): string {
  return given.startsWith('@') ? readCallersFile(given.slice(1)).toString() : given;
}

/** The note itself, or those that an answer of a gateway holds: a request by records has one for each run. */
function receiptsIn(text: string): readonly string[] {
  try {
    const answer = JSON.parse(text) as { parameters?: { receipt?: unknown }; receipts?: unknown[] };
    const receipts = [answer.parameters?.receipt, ...(answer.receipts ?? [])].filter((receipt) => typeof receipt === 'string');
    if (receipts.length > 0) return receipts;
  } catch {
    return [text];
  }
  throw new CommandError('this answer holds no receipt: ask with the header X-Bascule-Receipt: 1');
}

/** What the receipt says about the answer beside it. A note alone has none. */
function answerIn(text: string, statement: ReceiptStatement): AnswerVerdict {
  try {
    return verifyAnswer(statement, parseAnswer(text));
  } catch {
    return { answer: 'unchecked', reason: 'the file holds the receipt alone' };
  }
}

function answerLine({ answer, reason }: AnswerVerdict): string {
  if (answer === 'matches') return `genuine: ${reason}`;
  return answer === 'differs' ? `NOT GENUINE: ${reason}` : `not checked: ${reason}`;
}

function keyIn(option: string, value: string): string {
  const text = textOf(value).trim();
  try {
    readVerifierKey(text);
  } catch (error) {
    throw new CommandError(`${option} is no verifier key: ${(error as Error).message}`);
  }
  return text;
}

function bundleIn(file: string): unknown {
  try {
    return JSON.parse(readCallersFile(file).toString());
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} is not JSON, so it is not an evidence bundle`);
  }
}

/** Prints what can be said about one receipt. @returns false when something is wrong with it or the answer beside it */
function tell(text: string, receipt: string, verifierKey: string, audit: AuditEvidence | undefined): boolean {
  const { isGenuine, statement, rows, problems } = verifyReceipt(receipt, verifierKey, audit);
  const told = statement && answerIn(text, statement);
  console.log(`receipt       ${isGenuine ? 'genuine: the gateway signed it' : 'NOT GENUINE'}`);
  if (told) console.log(`answer        ${answerLine(told)}`);
  if (statement) console.log(`answered by   ${statement.modelName} version ${statement.modelVersion} at ${statement.answeredAt}`);
  for (const { predictionId, record, reason } of rows) console.log(`${predictionId}  ${record}: ${reason}`);
  for (const problem of problems) console.log(`  ${problem}`);
  return isGenuine && told?.answer !== 'differs' && problems.length === 0;
}

/** `npm run bascule -- verify-receipt FILE`: checks a receipt offline, and against evidence of the audit log. */
export function addVerifyReceipt(program: Command): void {
  program
    .command('verify-receipt')
    .argument('<file>', 'a receipt, or the answer it came with')
    .description('check a receipt of a gateway offline and, with evidence, whether its record was suppressed')
    .requiredOption('--key <key>', "the gateway's verifier key, or @FILE; the audit log has it in serving.gateway.started.v1")
    .option('--evidence <file>', 'evidence about the same prediction, as answered by governance for predictionId')
    .option('--log-key <key>', 'the verifier key of the audit log, or @FILE; goes with --evidence')
    .action((file: string, { key, evidence, logKey }: { key: string; evidence?: string; logKey?: string }) => {
      if ((evidence === undefined) !== (logKey === undefined)) throw new CommandError('--evidence and --log-key go together');
      const audit = evidence && logKey ? { bundle: bundleIn(evidence), verifierKey: keyIn('--log-key', logKey) } : undefined;
      const text = readCallersFile(file).toString();
      const verifierKey = keyIn('--key', key);
      const sound = receiptsIn(text).map((receipt) => tell(text, receipt, verifierKey, audit));
      if (sound.includes(false)) process.exitCode = 1;
    });
}

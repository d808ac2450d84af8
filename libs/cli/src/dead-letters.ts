import type { DeadLetter, NatsConnectionHolder } from '@bascule/messaging';
import { Command, InvalidArgumentError } from 'commander';
import { hexDump, printable, printableLine } from './printable.js';
import { requireStack } from './running-stack.js';

type Messaging = typeof import('@bascule/messaging');

async function withNats<T>(dataDir: string, work: (connection: NatsConnectionHolder, messaging: Messaging) => Promise<T>): Promise<T> {
  const { url } = requireStack(dataDir).info.nats;
  const messaging = await import('@bascule/messaging'); // on demand: it is slow to load, and the other commands do without
  const connection = await messaging.openConnection(url, 'bascule-cli');
  try {
    return await work(connection, messaging);
  } finally {
    await connection.close();
  }
}

function sequenceOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('it is the number that `dead-letters list` shows first');
  return Number(text);
}

const lineOf = ({ sequence, deadAt, reader, originalSubject, reason, attempts }: DeadLetter) =>
  printableLine(
    `${String(sequence).padStart(5)}  ${deadAt}  ${reader} could not handle ${originalSubject} (${attempts} attempts): ${reason}`,
  );

function bodyOf({ bytes, headers }: DeadLetter): string {
  const contentType = headers['content-type'];
  const text = contentType?.includes('protobuf') ? undefined : textOf(bytes);
  if (text === undefined) return `${bytes.length} bytes of ${printableLine(contentType ?? 'no stated type')}\n${hexDump(bytes)}`;
  try {
    return printable(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return printable(text);
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function print(letter: DeadLetter): void {
  console.log(lineOf(letter));
  const facts = {
    'error code': letter.errorCode,
    event: letter.eventId ?? '(none)',
    stream: `${letter.originalStream}, sequence ${letter.originalSequence}`,
    consumer: letter.consumer,
  };
  console.log('');
  for (const [name, value] of Object.entries(facts)) console.log(`  ${name.padEnd(12)} ${printableLine(value)}`);
  console.log('');
  for (const [name, value] of Object.entries(letter.headers))
    if (!name.startsWith('bascule-')) console.log(`  ${printableLine(`${name}: ${value}`)}`);
  console.log(`\n${bodyOf(letter)}`);
}

async function list(dataDir: string, isJson: boolean): Promise<void> {
  await withNats(dataDir, async (connection, { listDeadLetters }) => {
    const letters: DeadLetter[] = [];
    for (let cursor: number | undefined = 0; cursor !== undefined; ) {
      const page = await listDeadLetters(connection, { limit: 200, cursor });
      letters.push(...page.items);
      cursor = page.nextCursor;
    }
    if (isJson)
      console.log(
        JSON.stringify(
          letters.map(({ bytes: _, ...letter }) => letter),
          null,
          2,
        ),
      );
    else if (letters.length === 0) console.log('there are no dead letters');
    else for (const letter of letters) console.log(lineOf(letter));
  });
}

/** `npm run bascule -- dead-letters …`: messages that were given up on, with the reason. */
export function addDeadLetters(program: Command): void {
  const data = (): string => program.opts().data;
  const group = new Command('dead-letters').description('messages that were given up on');
  group
    .command('list')
    .description('one line each, oldest first')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => list(data(), options.json ?? false));
  group
    .command('show')
    .argument('<number>', 'its number in the list', sequenceOf)
    .description('reason, headers and content')
    .action((sequence: number) =>
      withNats(data(), async (connection, { getDeadLetter }) => print(await getDeadLetter(connection, sequence))),
    );
  group
    .command('replay')
    .argument('<number>', 'its number in the list', sequenceOf)
    .description('send it once more to the reader that gave up on it')
    .action((sequence: number) =>
      withNats(data(), async (connection, { replayDeadLetter }) => {
        const { reader, originalSubject } = await replayDeadLetter(connection, sequence);
        console.log(printableLine(`${originalSubject} was sent to ${reader} once more`));
      }),
    );
  group
    .command('discard')
    .argument('<number>', 'its number in the list', sequenceOf)
    .description('remove it for good')
    .action((sequence: number) =>
      withNats(data(), async (connection, { discardDeadLetter }) => {
        await discardDeadLetter(connection, sequence);
        console.log(`dead letter ${sequence} was removed`);
      }),
    );
  program.addCommand(group);
}

import { parseArgs } from 'node:util';
import { environment, serviceNames } from '@bascule/contracts';

export interface LauncherOptions {
  once: boolean;
  empty: boolean;
  report?: string;
  data: string;
  port: number;
  replicas: Record<string, number>;
  /** Besides production. */
  environments?: string[];
  help: boolean;
}

export const usage = `Usage: npm start -- [options]

  --once              play the example, stop everything, exit 0 only if every step held
  --empty             start without the example
  --report FILE       write the steps of the example as JSON
  --data DIR          where everything is kept (default .bascule)
  --port N            first port (default 4000); taken ports are skipped
  --replicas NAME=N   start N processes of a service; may be repeated
  --environment NAME  also run a gateway for another environment, for example staging; may be repeated
  --help              show this

NATS_URL and DATABASE_URL in the environment use your servers instead of the private ones.
Settings of the services are taken from the environment too, such as SERVING_PROCESSES=2; their READMEs list them.`;

/** An option the launcher does not understand; the message is for the person who typed it. */
export class OptionError extends Error {}

function wholeNumber(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new OptionError(`${option} wants a whole number from ${least} to ${most}, not "${text}"`);
  return value;
}

function readReplicas(texts: readonly string[]): Record<string, number> {
  const replicas: Record<string, number> = {};
  for (const text of texts.flatMap((value) => value.split(','))) {
    const [name = '', count = ''] = text.split('=');
    if (!(serviceNames as readonly string[]).includes(name)) {
      throw new OptionError(`--replicas wants NAME=N with one of ${serviceNames.join(', ')}, not "${text}"`);
    }
    replicas[name] = wholeNumber(count, `--replicas ${name}`, 1, 16);
  }
  return replicas;
}

function readEnvironments(texts: readonly string[]): string[] {
  const names = [...new Set(texts.flatMap((value) => value.split(',')))];
  const strange = names.find((name) => !environment.safeParse(name).success || name === 'production');
  if (strange !== undefined) throw new OptionError(`--environment wants a name in lower case besides production, not "${strange}"`);
  return names;
}

/** Reads the command line; every fault says what to type instead. */
export function readOptions(args: readonly string[]): LauncherOptions {
  let values: ReturnType<typeof parse>['values'];
  try {
    ({ values } = parse(args));
  } catch (error) {
    throw new OptionError(`${(error as Error).message.split('. ')[0]}\n\n${usage}`);
  }
  if (values.once && values.empty) throw new OptionError('--once plays the example and --empty leaves it out: name one of them');
  if (values.report !== undefined && values.empty) throw new OptionError('--report wants the example, and --empty leaves it out');
  return {
    once: values.once ?? false,
    empty: values.empty ?? false,
    ...(values.report === undefined ? {} : { report: values.report }),
    data: values.data ?? '.bascule',
    port: wholeNumber(values.port ?? '4000', '--port', 1, 64_000),
    replicas: readReplicas(values.replicas ?? []),
    ...(values.environment === undefined ? {} : { environments: readEnvironments(values.environment) }),
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      once: { type: 'boolean' },
      empty: { type: 'boolean' },
      report: { type: 'string' },
      data: { type: 'string' },
      port: { type: 'string' },
      replicas: { type: 'string', multiple: true },
      environment: { type: 'string', multiple: true },
      help: { type: 'boolean' },
    },
  });
}

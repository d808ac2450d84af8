import { createHash } from 'node:crypto';
import { canonicalJson } from '@bascule/proofs';
import { z } from 'zod';

/** The steps of a run and what each rests on. Trials are searched before the fit that uses the best of them. */
export const stepGraph = {
  resolve: [],
  check: ['resolve'],
  split: ['check'],
  trials: ['split'],
  train: ['split', 'trials'],
  evaluate: ['train'],
  compare: ['train'],
  report: ['evaluate', 'compare'],
  profile: ['train', 'evaluate'],
  sign: ['report', 'profile'],
  register: ['sign'],
} as const satisfies Record<string, readonly string[]>;
export type StepName = keyof typeof stepGraph;
export const stepNames = Object.keys(stepGraph) as readonly StepName[];

/** What our own programs tell of their steps on standard output. */
export const stepLine = z.object({
  type: z.literal('step'),
  name: z.enum(stepNames as [StepName, ...StepName[]]),
  status: z.enum(['started', 'done', 'reused']),
  key: z.string(),
  /** What came out, small enough to keep; absent while it goes on. */
  output: z.unknown().optional(),
});
export type StepLine = z.infer<typeof stepLine>;

/** Names what a step rests on: the same inputs under the same code have the same key. */
export function stepKey(name: StepName, codeVersion: string, inputs: unknown): string {
  return createHash('sha256')
    .update(canonicalJson({ name, codeVersion, inputs: JSON.parse(JSON.stringify(inputs)) }))
    .digest('hex');
}

/** Carries out steps, or takes over what they gave when their inputs were the same before. */
export class Steps {
  /**
   * @param codeVersion names the code that carries the steps out
   * @param known outputs of earlier steps by key
   */
  constructor(
    private readonly codeVersion = '',
    private readonly known: Readonly<Record<string, unknown>> = {},
    private readonly tell: (line: StepLine) => void = () => undefined,
  ) {}

  /** @param isStillThere whether what an earlier step made can still be used */
  async run<Output>(
    name: StepName,
    inputs: unknown,
    work: () => Promise<Output>,
    isStillThere: (output: Output) => Promise<boolean> = async () => true,
  ): Promise<Output> {
    const key = stepKey(name, this.codeVersion, inputs);
    const former = this.known[key] as Output | undefined;
    if (former !== undefined && (await isStillThere(former))) {
      this.tell({ type: 'step', name, status: 'reused', key, output: former });
      return former;
    }
    this.tell({ type: 'step', name, status: 'started', key });
    const output = await work();
    this.tell({ type: 'step', name, status: 'done', key, output });
    return output;
  }
}

/** Does the work when it is first asked for, once. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}

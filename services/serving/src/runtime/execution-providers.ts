/** Where a model can be computed, by the runtime's own names; not every build and machine has them all. */
export const executionProviders = ['cpu', 'cuda', 'tensorrt', 'dml', 'coreml', 'webgpu'] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

/** A provider that could not take the model, and why. */
export interface RefusedProvider {
  readonly provider: ExecutionProvider;
  readonly reason: string;
}

/** Puts the wanted providers into order: named once, `cpu` always the last resort. */
export function withLastResort(wanted: readonly ExecutionProvider[]): ExecutionProvider[] {
  return [...new Set(wanted.filter((name) => name !== 'cpu')), 'cpu'];
}

/** Tries the providers in order; the last one's error is thrown when none takes the model. */
export async function firstThatWorks<Session>(
  providers: readonly ExecutionProvider[],
  create: (provider: ExecutionProvider) => Promise<Session>,
): Promise<{ session: Session; provider: ExecutionProvider; refused: RefusedProvider[] }> {
  const refused: RefusedProvider[] = [];
  for (const [position, provider] of providers.entries()) {
    try {
      return { session: await create(provider), provider, refused };
    } catch (error) {
      if (position === providers.length - 1) throw error;
      refused.push({ provider, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new Error('no execution provider is named');
}

import { lazy, Suspense } from 'react';

const Page = lazy(async () => ({ default: (await import('./rollouts-page')).RolloutsPage }));

/** The page of rollouts, fetched when somebody looks at it: its charts are larger than the rest of the console. */
export function LazyRollouts({ rest }: { rest: readonly string[] }) {
  return (
    <Suspense fallback={<p className="quiet">Loading</p>}>
      <Page rest={rest} />
    </Suspense>
  );
}

import { useEffect, useState } from 'react';
import { call } from '../api';
import type { Listed, Promotion } from './promotions-api';

const everyMs = 10_000;

/** The latest promotions of these models by their id, read now and then; those of a model that cannot be read are left out. */
export function usePromotions(models: readonly string[]): ReadonlyMap<string, Promotion> {
  const [known, setKnown] = useState<ReadonlyMap<string, Promotion>>(new Map());
  const wanted = [...models].sort().join(' ');
  useEffect(() => {
    let alive = true;
    const names = wanted === '' ? [] : wanted.split(' ');
    const read = async () => {
      const paths = names.map((name) => `/api/registry/v1/models/${encodeURIComponent(name)}/promotions?limit=100`);
      const lists = await Promise.allSettled(paths.map((path) => call<Listed<Promotion>>(path)));
      const read = lists.flatMap((list) => (list.status === 'fulfilled' ? list.value.items : []));
      if (alive) setKnown((former) => new Map([...former, ...read.map((one) => [one.promotionId, one] as const)]));
    };
    void read();
    const timer = setInterval(() => void read(), everyMs);
    return () => {
      alive = false;
      clearInterval(timer);
    };
  }, [wanted]);
  return known;
}

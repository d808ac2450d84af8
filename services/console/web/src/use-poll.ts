import { useEffect, useState } from 'react';
import { call } from './api';

export interface Polled<T> {
  value: T | undefined;
  error: string | undefined;
}

/** Reads a path now and every few seconds; keeps the last value while an answer is missing. */
export function usePoll<T>(path: string, everyMs = 3000): Polled<T> {
  const [state, setState] = useState<Polled<T>>({ value: undefined, error: undefined });
  useEffect(() => {
    let alive = true;
    const read = () =>
      call<T>(path).then(
        (value) => alive && setState({ value, error: undefined }),
        (error: Error) => alive && setState((former) => ({ ...former, error: error.message })),
      );
    void read();
    const timer = setInterval(read, everyMs);
    return () => {
      alive = false;
      clearInterval(timer);
    };
  }, [path, everyMs]);
  return state;
}

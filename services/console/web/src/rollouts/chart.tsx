import * as Plot from '@observablehq/plot';
import { useEffect, useRef, useState } from 'react';

type Options = Parameters<typeof Plot.plot>[0];

/** Colours of the two versions, in the light and in the dark. */
export const versionColours = ['var(--version-champion)', 'var(--version-candidate)'];

/** A chart as wide as its place, drawn anew when its data changes; the table beside it says the same in words. */
export function Chart({ label, options }: { label: string; options: (width: number) => Options }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = place.current;
    if (!element || width < 50) return;
    const chart = Plot.plot({
      height: 190,
      marginLeft: 52,
      ...options(width),
      width,
      style: { background: 'transparent', color: 'inherit', fontFamily: 'inherit' },
    });
    element.replaceChildren(chart);
  }, [width, options]);
  return (
    <figure className="chart" aria-label={label}>
      <figcaption>{label}</figcaption>
      <div ref={place} />
    </figure>
  );
}

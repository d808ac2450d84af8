import { type PlotOptions, plot } from '@observablehq/plot';
import { useEffect, useRef } from 'react';

/** A picture with a title; `options` must stay the same object while nothing changes. */
export function Chart({ title, options }: { title: string; options: PlotOptions }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const drawn = plot({ width: 360, height: 220, marginLeft: 50, style: { background: 'transparent' }, ...options, ariaLabel: title });
    place.current?.replaceChildren(drawn);
    return () => drawn.remove();
  }, [title, options]);
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} />
    </figure>
  );
}

import type { ReactNode } from 'react';

/** A card with a title; says what is wrong, or that there is nothing yet. */
export function Panel(props: {
  title: string;
  error?: string | undefined;
  empty?: string | undefined;
  wide?: boolean;
  children?: ReactNode;
}) {
  const { title, error, empty, wide, children } = props;
  return (
    <section className={wide ? 'card wide' : 'card'} aria-label={title}>
      <h2>{title}</h2>
      {error ? (
        <p role="alert" className="bad">
          {error}
        </p>
      ) : null}
      {empty ? <p className="quiet">{empty}</p> : children}
    </section>
  );
}

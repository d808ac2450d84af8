import { Children, type ReactNode } from 'react';

/** A table whose columns have names; its rows are the children. */
export function Table(props: { columns: readonly ReactNode[]; className?: string; caption?: string | undefined; children: ReactNode }) {
  const { columns, className, caption, children } = props;
  return (
    <table className={className}>
      {caption ? <caption className="quiet">{caption}</caption> : null}
      <thead>
        <tr>
          {Children.map(columns, (column) => (
            <th scope="col">{column}</th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** One measured number. `ratio` is value over baseline; `target` is met by the ratio, or by the value where there is no baseline. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  readonly ratio?: number;
  readonly better: 'higher' | 'lower';
  readonly target?: number;
  /** Worth aiming at, beyond the target. */
  readonly goal?: number;
}

/** Whether a figure meets its target; undefined when it has none. */
export function meetsTarget({ value, ratio, better, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  const measured = ratio ?? value;
  return better === 'higher' ? measured >= target : measured <= target;
}

const cell = (value: number | undefined) => (value === undefined ? '' : Number(value.toPrecision(4)).toString());

/** The figures as a table for a terminal. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const met = meetsTarget(figure);
    const target =
      figure.target === undefined ? '' : `${figure.better === 'higher' ? '>=' : '<='} ${cell(figure.target)} ${met ? 'met' : 'MISSED'}`;
    return [figure.name, cell(figure.value), figure.unit, cell(figure.baseline), cell(figure.ratio), target];
  });
  const table = [['figure', 'value', 'unit', 'baseline', 'ratio', 'target'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Prints the figures and, with `--json FILE` among the arguments, writes them. */
export function reportFigures(figures: readonly Figure[], args: readonly string[]): void {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  process.stdout.write(
    `${renderFigures(figures)}\n\n${cpus().length} x ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n`,
  );
  const at = args.indexOf('--json');
  const file = at < 0 ? undefined : args[at + 1];
  if (file) writeFileSync(file, `${JSON.stringify({ figures }, null, 2)}\n`);
}

/** Lines of a JSON-lines file. */
export function readLines<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

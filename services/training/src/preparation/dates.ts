import type { GraphBuilder } from '../graph/graph-builder.js';
import { type Column, type NumberColumn, sharedFloats } from '../trainers/frame.js';
import type { Feature } from '../trainers/row.js';
import type { Derivation } from './derivation.js';

/** What trees see of a time, in UTC; weekday 0 is Sunday. */
export const dateParts = ['year', 'month', 'day', 'weekday', 'hour'] as const;
type DatePart = (typeof dateParts)[number];
type Parts = Record<DatePart, number>;

/** Seconds beyond the years 1 to 9999 count as missing. */
const earliest = -62_135_596_800;
const latest = 253_402_300_799;
const daySeconds = 86_400;
const periods = { month: 12, weekday: 7, hour: 24 } as const;

/** Arithmetic that numbers and tensors share, so that both come to the same results. */
interface Arithmetic<T> {
  of(value: number): T;
  add(a: T, b: T): T;
  subtract(a: T, b: T): T;
  multiply(a: T, b: T): T;
  /** Largest integer not above the quotient. */
  divide(a: T, b: T): T;
  /** `whenBelow` where a < b, else `otherwise`. */
  choose(a: T, b: T, whenBelow: T, otherwise: T): T;
}

/** Calendar of a time: days since a first of March, as Hinnant's civil_from_days. */
function calendar<T>(seconds: T, on: Arithmetic<T>): Record<DatePart, T> {
  const { of, add, subtract, multiply, divide, choose } = on;
  const days = divide(seconds, of(daySeconds));
  const hour = divide(subtract(seconds, multiply(days, of(daySeconds))), of(3600));
  const fromSunday = add(days, of(4));
  const weekday = subtract(fromSunday, multiply(divide(fromSunday, of(7)), of(7)));
  const shifted = add(days, of(719_468));
  const era = divide(shifted, of(146_097));
  const dayOfEra = subtract(shifted, multiply(era, of(146_097)));
  const leapDays = subtract(
    add(subtract(dayOfEra, divide(dayOfEra, of(1460))), divide(dayOfEra, of(36_524))),
    divide(dayOfEra, of(146_096)),
  );
  const yearOfEra = divide(leapDays, of(365));
  const before = subtract(add(multiply(yearOfEra, of(365)), divide(yearOfEra, of(4))), divide(yearOfEra, of(100)));
  const dayOfYear = subtract(dayOfEra, before);
  const fromMarch = divide(add(multiply(dayOfYear, of(5)), of(2)), of(153));
  const day = add(subtract(dayOfYear, divide(add(multiply(fromMarch, of(153)), of(2)), of(5))), of(1));
  const month = choose(fromMarch, of(10), add(fromMarch, of(3)), subtract(fromMarch, of(9)));
  const startYear = add(yearOfEra, multiply(era, of(400)));
  const year = choose(month, of(3), add(startYear, of(1)), startYear);
  return { year, month, day, weekday, hour };
}

const onNumbers: Arithmetic<number> = {
  of: (value) => value,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => Math.floor(a / b),
  choose: (a, b, whenBelow, otherwise) => (a < b ? whenBelow : otherwise),
};

const onTensors = (graph: GraphBuilder): Arithmetic<string> => ({
  of: (value) => graph.double(value),
  add: (a, b) => graph.node('Add', [a, b]),
  subtract: (a, b) => graph.node('Sub', [a, b]),
  multiply: (a, b) => graph.node('Mul', [a, b]),
  divide: (a, b) => graph.node('Floor', [graph.node('Div', [a, b])]),
  choose: (a, b, whenBelow, otherwise) => graph.node('Where', [graph.node('Less', [a, b]), whenBelow, otherwise]),
});

const isDate = (seconds: number) => seconds >= earliest && seconds <= latest;

/** Parts of a time in UTC; NaN all of them when it is missing or beyond the calendar. */
export function partsOf(seconds: number): Parts {
  if (isDate(seconds)) return calendar(seconds, onNumbers);
  return Object.fromEntries(dateParts.map((part) => [part, Number.NaN])) as Parts;
}

function emitParts(graph: GraphBuilder, input: string): Record<DatePart, string> {
  const isInside = graph.node('And', [
    graph.node('GreaterOrEqual', [input, graph.double(earliest)]),
    graph.node('LessOrEqual', [input, graph.double(latest)]),
  ]);
  // what is no date counts as the first second, and is taken out again at the end
  const parts = calendar(graph.node('Where', [isInside, input, graph.double(0)]), onTensors(graph));
  const emitted = dateParts.map((part) => [
    part,
    graph.node('Where', [isInside, graph.cast(parts[part], 'FP32'), graph.float(Number.NaN)]),
  ]);
  return Object.fromEntries(emitted) as Record<DatePart, string>;
}

function valuesOf(column: Column): Float64Array {
  if (column.kind !== 'times') throw new Error('a time is expected');
  return column.values;
}

function columnsOf(
  values: Float64Array,
  count: number,
  write: (parts: Parts, into: (index: number, value: number) => void) => void,
): Column[] {
  const columns = Array.from({ length: count }, (): NumberColumn => ({ kind: 'numbers', values: sharedFloats(values.length) }));
  for (const [row, seconds] of values.entries()) {
    write(partsOf(seconds), (index, value) => {
      columns[index]!.values[row] = value;
    });
  }
  return columns;
}

const beside = (graph: GraphBuilder, tensors: string[]) => graph.node('Concat', tensors, { attributes: { axis: { integer: 1 } } });
const numeric = (name: string): Feature => ({ name, kind: 'numeric' });

/** Year, month, day, weekday and hour as numbers. */
export function datesForTrees({ name }: Feature): Derivation {
  return {
    parts: dateParts.map((part) => numeric(`${name}.${part}`)),
    compute: (column) =>
      columnsOf(valuesOf(column), dateParts.length, (parts, into) => {
        for (const [index, part] of dateParts.entries()) into(index, parts[part]);
      }),
    emit: (graph, input) => beside(graph, Object.values(emitParts(graph, input))),
  };
}

const circles = Object.keys(periods) as (keyof typeof periods)[];
const angleOf = (part: keyof typeof periods) => Math.fround((2 * Math.PI) / periods[part]);

/** The year as a number; month, weekday and hour as points of a circle: December lies beside January. */
export function datesForLinear({ name }: Feature): Derivation {
  const both = (part: string) => [numeric(`${name}.${part}.sin`), numeric(`${name}.${part}.cos`)];
  return {
    parts: [numeric(`${name}.year`), ...circles.flatMap(both)],
    compute: (column) =>
      columnsOf(valuesOf(column), 1 + 2 * circles.length, (parts, into) => {
        into(0, parts.year);
        for (const [index, part] of circles.entries()) {
          into(1 + 2 * index, Math.sin(parts[part] * angleOf(part)));
          into(2 + 2 * index, Math.cos(parts[part] * angleOf(part)));
        }
      }),
    emit: (graph, input) => {
      const parts = emitParts(graph, input);
      const onCircle = (part: keyof typeof periods) => {
        const angle = graph.node('Mul', [parts[part], graph.float(angleOf(part))]);
        return [graph.node('Sin', [angle]), graph.node('Cos', [angle])];
      };
      return beside(graph, [parts.year, ...circles.flatMap(onCircle)]);
    },
  };
}

import type { ModelSignature, TensorDatatype, TensorSpec } from '@bascule/contracts';

/** An input or output as the file declares it. */
export interface GraphTensor {
  readonly name: string;
  readonly datatype?: TensorDatatype | undefined;
  readonly shape?: readonly number[] | undefined;
}

/** Something that does not go over by itself, and what to do about it. */
export interface Finding {
  readonly what: string;
  readonly remedy: string;
  /** Nothing can be adopted until it is mended. */
  readonly isBlocking: boolean;
}

/** Which columns feed which inputs. */
export interface Mapping {
  readonly signature: ModelSignature;
  /** By input: the columns that fill it, undefined where the data has none. */
  readonly feeds: readonly { readonly spec: TensorSpec; readonly columns: readonly (string | undefined)[] }[];
  readonly findings: readonly Finding[];
}

/** Finds a column for every input: by its name, or, for one wide input, all columns but the target in their order. */
export function mapInputs(
  graph: { readonly inputs: readonly GraphTensor[]; readonly outputs: readonly GraphTensor[] },
  columns: readonly string[],
  target: string,
  features: readonly string[] | undefined,
): Mapping {
  const findings: Finding[] = [];
  const offered = features ?? columns.filter((column) => column !== target);
  for (const feature of features ?? []) {
    if (!columns.includes(feature))
      findings.push(blocking(`--features names ${feature}, which the data does not have`, 'name columns of the file'));
  }
  const feeds = graph.inputs.flatMap((tensor) => {
    const { name, datatype, shape = [-1] } = tensor;
    if (!datatype) {
      findings.push(blocking(`input ${name} is a map or a sequence`, 'convert the model with a plain tensor per feature'));
      return [];
    }
    if ((shape[0] ?? -1) > 0) {
      findings.push(
        blocking(
          `input ${name} takes exactly ${shape[0]} rows`,
          'export the model with a first axis of any length (dynamic_axes, or None in initial_types)',
        ),
      );
      return [];
    }
    const width = shape.length < 2 ? 1 : shape.slice(1).reduce((product, size) => product * size, 1);
    const isWide = width > 1 || (width < 0 && graph.inputs.length === 1);
    const found = isWide
      ? wideColumns(name, width, offered, features !== undefined, findings)
      : [columnFor(name, offered, graph.inputs.length, findings)];
    if (found.length === 0) return [];
    const size = shape.map((axis, at) => (at === 0 ? -1 : axis < 0 ? found.length : axis));
    const kind = datatype === 'BYTES' ? ('categorical' as const) : ('numeric' as const);
    const spec: TensorSpec = { name, datatype, shape: size, kind, ...(isWide ? { columns: found as string[] } : {}) };
    if (isWide) {
      const what = `the ${found.length} columns of ${name} come as one tensor: their drift is not watched one by one`;
      findings.push({ what, remedy: 'convert the model with one input per feature', isBlocking: false });
    }
    return [{ spec, columns: found }];
  });
  const unfed = feeds.filter(({ columns: fed }) => fed.some((column) => column === undefined));
  if (unfed.length > 1 && unfed.length * 2 > graph.inputs.length) {
    const what = `${unfed.length} of the ${graph.inputs.length} inputs have no column in the file`;
    findings.push(blocking(what, 'name a file with the columns the model was made from'));
  }
  const outputs = graph.outputs.flatMap((tensor) => outputSpec(tensor, findings));
  if (outputs.length === 0) findings.push(blocking('no output is a tensor', 'convert the model with tensor outputs'));
  return { signature: { inputs: feeds.map(({ spec }) => spec), outputs }, feeds, findings };
}

function wideColumns(name: string, width: number, offered: readonly string[], areNamed: boolean, findings: Finding[]): readonly string[] {
  if (width < 0 || offered.length === width) return offered;
  const have = areNamed ? `--features names ${offered.length}` : `the data has ${offered.length} besides the target`;
  const what = `input ${name} takes ${width} columns, and ${have}`;
  const remedy =
    offered.length > width
      ? `name the ${width} it was trained on, in that order: --features a,b,c`
      : 'add the columns that are missing to the file: what is computed or looked up before the model has to come with the data';
  findings.push(blocking(what, remedy));
  return [];
}

function columnFor(name: string, offered: readonly string[], inputCount: number, findings: Finding[]): string | undefined {
  const column = offered.find((one) => one === name) ?? offered.find((one) => plain(one) === plain(name));
  if (column !== undefined) return column;
  if (inputCount === 1 && offered.length === 1) return offered[0];
  const what = `input ${name} has no column: it is looked up, or made by a step before the model, as the model is asked`;
  findings.push({
    what,
    remedy: `have clients send ${name}, and add it to the file; until then it is tried as missing`,
    isBlocking: false,
  });
  return undefined;
}

function outputSpec({ name, datatype, shape }: GraphTensor, findings: Finding[]): TensorSpec[] {
  if (!datatype) {
    const what = `output ${name} is a map or a sequence (as scikit-learn's ZipMap makes it) and is left out`;
    findings.push({ what, remedy: "convert with options={'zipmap': False} to have it as a tensor", isBlocking: false });
    return [];
  }
  // what the file leaves open is known once it answers
  return [{ name, datatype, shape: (shape ?? [-1]).map((size, at) => (at === 0 ? -1 : size)) }];
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function blocking(what: string, remedy: string): Finding {
  return { what, remedy, isBlocking: true };
}

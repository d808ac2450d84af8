import { fieldsOf, textOf } from './onnx-fields.js';
import { domainOf, isAllowed } from './operators.js';
import { tensorFaults } from './tensor-faults.js';

const maxDepth = 16;
const maxReasons = 20;

interface Node {
  readonly inputs: string[];
  readonly outputs: string[];
  readonly operator: string;
  readonly domain: string;
  readonly subgraphs: Uint8Array[];
}

/** Walks graphs and collects what is wrong with them and which operators they use. */
export class GraphInspection {
  readonly faults = new Set<string>();
  readonly operators = new Set<string>();

  /** @param functions operators that the file itself defines, as `domain:name` */
  constructor(private readonly functions: ReadonlySet<string>) {}

  /** Inspects a graph; names of the graphs around it count as known. */
  inspect(graph: Uint8Array, outer: ReadonlySet<string> = new Set(), depth = 0): void {
    if (depth > maxDepth) {
      this.note(`graphs are nested more than ${maxDepth} deep`);
      return;
    }
    const made = new Map<string, number>();
    const known = new Set(outer);
    const nodes: Node[] = [];
    const outputs: string[] = [];
    for (const { number, bytes } of fieldsOf(graph)) {
      if (!bytes) continue;
      if (number === 1) nodes.push(this.nodeOf(bytes));
      else if (number === 5) known.add(this.weights(bytes));
      else if (number === 11) known.add(nameOf(bytes, 1));
      else if (number === 12) outputs.push(nameOf(bytes, 1));
      else if (number === 15) for (const part of fieldsOf(bytes)) if (part.bytes && part.number < 3) known.add(this.weights(part.bytes));
    }
    if (outputs.length === 0) this.note('the graph has no output');
    this.order(nodes, known, made);
    for (const name of outputs) if (!known.has(name) && !made.has(name)) this.note(`nothing makes the output ${JSON.stringify(name)}`);
    const all = new Set([...known, ...made.keys()]);
    for (const { subgraphs } of nodes) for (const inner of subgraphs) this.inspect(inner, all, depth + 1);
  }

  /** Inspects the body of a function of the file. */
  inspectFunction(body: Uint8Array): void {
    const known = new Set<string>();
    const nodes: Node[] = [];
    for (const { number, bytes } of fieldsOf(body)) {
      if (number === 4) known.add(textOf(bytes));
      else if (number === 7 && bytes) nodes.push(this.nodeOf(bytes));
    }
    const made = new Map<string, number>();
    this.order(nodes, known, made);
    for (const { subgraphs } of nodes) for (const inner of subgraphs) this.inspect(inner, new Set([...known, ...made.keys()]), 1);
  }

  note(fault: string): void {
    if (this.faults.size < maxReasons) this.faults.add(fault);
  }

  /** Every value is made once, by something that does not depend on it. */
  private order(nodes: readonly Node[], known: ReadonlySet<string>, made: Map<string, number>): void {
    nodes.forEach(({ outputs, operator }, index) => {
      for (const name of outputs) {
        if (name === '') continue;
        if (made.has(name) || known.has(name)) this.note(`the value ${JSON.stringify(name)} is made twice, the second time by ${operator}`);
        else made.set(name, index);
      }
    });
    const waitsFor = nodes.map(({ inputs, operator }) => {
      const sources = new Set<number>();
      for (const name of inputs) {
        if (name === '' || known.has(name)) continue;
        const source = made.get(name);
        if (source === undefined) this.note(`${operator} reads the value ${JSON.stringify(name)}, which nothing makes`);
        else sources.add(source);
      }
      return sources;
    });
    const readers = new Map<number, number[]>();
    waitsFor.forEach((sources, reader) => {
      for (const source of sources) readers.set(source, [...(readers.get(source) ?? []), reader]);
    });
    const free = waitsFor.flatMap((sources, index) => (sources.size === 0 ? [index] : []));
    let done = 0;
    for (let node = free.pop(); node !== undefined; node = free.pop()) {
      done++;
      for (const reader of readers.get(node) ?? []) {
        waitsFor[reader]!.delete(node);
        if (waitsFor[reader]!.size === 0) free.push(reader);
      }
    }
    if (done < nodes.length) this.note('the graph goes round in a circle');
  }

  private nodeOf(bytes: Uint8Array): Node {
    const node = { inputs: [] as string[], outputs: [] as string[], operator: '', domain: '', subgraphs: [] as Uint8Array[] };
    for (const { number, bytes: content } of fieldsOf(bytes)) {
      if (number === 1) node.inputs.push(textOf(content));
      else if (number === 2) node.outputs.push(textOf(content));
      else if (number === 4) node.operator = textOf(content);
      else if (number === 5 && content) this.attribute(content, node.subgraphs);
      else if (number === 7) node.domain = domainOf(textOf(content));
    }
    const { operator, domain } = node;
    const called = domain === '' ? operator : `${domain}:${operator}`;
    this.operators.add(called);
    if (!this.functions.has(`${domain}:${operator}`) && !isAllowed(domain, operator)) this.note(`the operator ${called} is not allowed`);
    return node;
  }

  private attribute(bytes: Uint8Array, subgraphs: Uint8Array[]): void {
    for (const { number, bytes: content } of fieldsOf(bytes)) {
      if (!content) continue;
      if (number === 5 || number === 10) this.weights(content);
      else if (number === 6 || number === 11) subgraphs.push(content);
      else if (number === 22 || number === 23)
        for (const part of fieldsOf(content)) if (part.bytes && part.number < 3) this.weights(part.bytes);
    }
  }

  private weights(tensor: Uint8Array): string {
    for (const fault of tensorFaults(tensor, 'weights')) this.note(fault);
    return nameOf(tensor, 8);
  }
}

function nameOf(message: Uint8Array, field: number): string {
  for (const { number, bytes } of fieldsOf(message)) if (number === field) return textOf(bytes);
  return '';
}

import { parse } from 'yaml';
import { textPattern } from '../patterns/text-pattern.js';
import { type CompiledContract, compileContract } from './compile-contract.js';
import { type OdcsContract, slaProperty } from './odcs.schema.js';

/** What finds the same in every text. */
const anything = '^';

/**
 * A contract that an earlier release may have taken. One with patterns that are refused by now still tells its columns, keys and what is
 * personal: it can be shown, compared and replaced, and says why no batch is judged by it. @throws as `compileContract` does for other faults
 */
export function compileStored(stored: OdcsContract): CompiledContract {
  const contract = withReadablePromises(stored);
  try {
    return compileContract(contract);
  } catch (error) {
    const faults: string[] = [];
    const readable = withoutRefused(contract, faults) as OdcsContract;
    if (faults.length === 0) throw error;
    const compiled = compileContract(readable);
    return { ...compiled, rules: withPatternsAsWritten(compiled.rules, contract), outdated: faults.join('; ') };
  }
}

/** Promises about the service were kept unread before they were judged. */
function withReadablePromises(contract: OdcsContract): OdcsContract {
  const { slaProperties, slaDefaultElement, ...rest } = contract;
  const isElement = typeof slaDefaultElement === 'string';
  const promises = Array.isArray(slaProperties) ? slaProperties.filter((promise) => slaProperty.safeParse(promise).success) : [];
  return { ...rest, slaProperties: promises, ...(isElement ? { slaDefaultElement } : {}) };
}

/** The document with a pattern that finds everything in place of those that are refused. @param faults what is wrong with each */
function withoutRefused(node: unknown, faults: string[], name?: string): unknown {
  if (Array.isArray(node)) return node.map((each) => withoutRefused(each, faults));
  if (typeof node === 'object' && node !== null)
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutRefused(value, faults, key)]));
  if (typeof node !== 'string') return node;
  if (name === 'implementation') return withoutRefused(parsed(node), faults);
  if (name !== 'pattern' && name !== 'matches') return node;
  try {
    textPattern(node);
    return node;
  } catch (error) {
    faults.push(`the pattern ${node}: ${(error as Error).message}`);
    return anything;
  }
}

/** A rule may be given as its text; where that is none of ours, it stays as it is. */
function parsed(implementation: string): unknown {
  try {
    const rule: unknown = parse(implementation, { maxAliasCount: 10 });
    return typeof rule === 'object' ? rule : implementation;
  } catch {
    return implementation;
  }
}

function withPatternsAsWritten(rules: CompiledContract['rules'], { schema }: OdcsContract): CompiledContract['rules'] {
  const written = new Map(schema[0]!.properties.map(({ name, logicalTypeOptions }) => [name, logicalTypeOptions?.pattern]));
  return rules.map((rule) => {
    const source = written.get(rule.name);
    return rule.pattern && source !== undefined ? { ...rule, pattern: { source, test: () => true } } : rule;
  });
}

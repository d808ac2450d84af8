/** The metrics of one process in Prometheus' text format. */
export interface ProcessMetrics {
  readonly process: string;
  readonly text: string;
}

/** One page of metrics out of several processes': each sample gets the label `process`, each metric one description. */
export function mergeMetrics(pages: readonly ProcessMetrics[]): string {
  const families = new Map<string, { readonly about: string[]; readonly samples: string[] }>();
  for (const { process, text } of pages) {
    let family = familyOf(families, '');
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      if (!line.startsWith('#')) {
        family.samples.push(labelled(line, process));
        continue;
      }
      const [, , name = ''] = line.split(' ');
      family = familyOf(families, name);
      if (!family.about.includes(line)) family.about.push(line);
    }
  }
  const lines = [...families.values()].flatMap(({ about, samples }) => (samples.length > 0 ? [...about, ...samples] : []));
  return `${lines.join('\n')}\n`;
}

function familyOf(families: Map<string, { about: string[]; samples: string[] }>, name: string) {
  const known = families.get(name);
  if (known) return known;
  const made = { about: [], samples: [] };
  families.set(name, made);
  return made;
}

// a value of a label may hold spaces and braces: the first brace opens the labels, the name holds none
function labelled(line: string, process: string): string {
  const [, name = '', rest = ''] = /^([a-zA-Z_:][\w:]*)(.*)$/.exec(line) ?? [];
  const label = `process="${process}"`;
  if (!rest.startsWith('{')) return `${name}{${label}}${rest}`;
  return rest.startsWith('{}') ? `${name}{${label}${rest.slice(1)}` : `${name}{${label},${rest.slice(1)}`;
}

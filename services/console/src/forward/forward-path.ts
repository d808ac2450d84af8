import { invalidPath } from '../errors.js';

export interface ForwardPath {
  readonly service: string;
  /** Path below the service's address, with the query, as it came. */
  readonly path: string;
}

const shape = /^\/api\/([a-z]+)(\/v[12](?:\/[^?#]*)?)(\?[^#]*)?$/;

/** Takes the address of a request apart: only the versioned API of a service lies behind the door. @throws console.invalid_path */
export function forwardPathOf(url: string): ForwardPath {
  const [, service, path, query = ''] = shape.exec(url) ?? [];
  if (service === undefined || path === undefined || !path.split('/').every(isPlain)) throw invalidPath();
  return { service, path: path + query };
}

// what a server behind could read as another path than the one looked at here
function isPlain(segment: string): boolean {
  try {
    const name = decodeURIComponent(segment);
    // a second look finds what was encoded twice
    return [name, decodeURIComponent(name.replace(/%(?![0-9a-f]{2})/gi, '%25'))].every(isName);
  } catch {
    return false;
  }
}

function isName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
  return name !== '.' && name !== '..' && !/[/\\\u0000-\u001f\u007f]/.test(name);
}

/** Which methods an address takes, to tell a wrong method from a wrong address. */
export class AllowedMethods {
  private readonly routes: { readonly segments: readonly string[]; readonly methods: readonly string[] }[] = [];

  /** Takes note of a route. One that matches any rest, for example of a page, says nothing about single addresses. */
  add(pattern: string, methods: string | readonly string[]): void {
    if (pattern.includes('*')) return;
    this.routes.push({ segments: pattern.split('/'), methods: [methods].flat() });
  }

  /** The methods of the routes that match a path, sorted; none when there is no such address. */
  of(path: string): string[] {
    const segments = path.split('/');
    const matching = this.routes.filter((route) => matches(route.segments, segments));
    return [...new Set(matching.flatMap(({ methods }) => methods))].sort();
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, position) => (part.startsWith(':') ? segments[position] !== '' : part === segments[position]))
  );
}

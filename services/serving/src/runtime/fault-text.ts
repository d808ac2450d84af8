/** What the runtime says went wrong, without the paths of its source files; node names with slashes stay. */
export function faultText(message: string): string {
  return message.replace(/\S*\/([\w.-]+\.(?:cc|cpp|cxx|h|hpp|m?js|node))(?=\W|$)/g, '$1');
}

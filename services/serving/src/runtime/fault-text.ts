/** How the runtime tells of a datatype that it does not carry. */
const bfloat16 = /^Unsupported data type: 16$/;

/** What the runtime says went wrong, without the paths of its source files; node names with slashes stay. */
export function faultText(message: string): string {
  if (bfloat16.test(message)) return 'Unsupported data type: BF16';
  return message.replace(/\S*\/([\w.-]+\.(?:cc|cpp|cxx|h|hpp|m?js|node))(?=\W|$)/g, '$1');
}

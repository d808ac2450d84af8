/** What a service said when it refused: what is wrong and, to who asked for something, what to do about it. */
export function said(problem: Record<string, unknown>, status: number, isAsked: boolean): string {
  const what = String(problem['detail'] ?? problem['title'] ?? `status ${status}`);
  const remedy = problem['remedy'];
  // which fields are wrong is all there is to say
  const isPlain = problem['code'] === 'platform.invalid_request';
  if (!isAsked || isPlain || typeof remedy !== 'string' || what.includes(remedy)) return what;
  return `${/[.!?]$/.test(what) ? what : `${what}.`} ${remedy}`;
}

/** Where the servers are and as whom to connect, from a URL or several with commas; the client ignores credentials in a URL. */
export function serverAddress(text: string): { servers: string[]; user?: string; pass?: string } {
  const urls = text.split(',').map((each) => new URL(each.includes('://') ? each.trim() : `nats://${each.trim()}`));
  const servers = urls.map((url) => `${url.hostname}:${url.port || 4222}`);
  const named = urls.find(({ username }) => username !== '');
  if (!named) return { servers };
  return { servers, user: decodeURIComponent(named.username), pass: decodeURIComponent(named.password) };
}

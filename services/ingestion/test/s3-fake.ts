import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A fake of two operations of S3, ListObjectsV2 and GetObject, over plain HTTP; it does not check signatures, only that there is one.
 * Pages hold two objects, so that paging is seen.
 */
export async function startFakeBucket(bucket: string) {
  const objects = new Map<string, { content: Buffer; at: Date }>();
  const reads: string[] = [];
  let isDown = false;
  let isCut = false;
  const broken = new Set<string>();
  let onRead: (key: string) => void = () => undefined;

  function list(url: URL): string {
    const prefix = url.searchParams.get('prefix') ?? '';
    const after = url.searchParams.get('continuation-token') ?? '';
    const keys = [...objects.keys()].sort().filter((key) => key.startsWith(prefix) && key > after);
    const page = keys.slice(0, 2);
    const isTruncated = keys.length > page.length;
    const contents = page.map((key) => {
      const { content, at } = objects.get(key)!;
      return `<Contents><Key>${key}</Key><Size>${content.length}</Size><LastModified>${at.toISOString()}</LastModified><ETag>${tagOf(content)}</ETag></Contents>`;
    });
    const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return `<?xml version="1.0"?><ListBucketResult><Name>${bucket}</Name><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, 'http://localhost');
    const [, name, ...path] = url.pathname.split('/').map(decodeURIComponent);
    if (isDown || !request.headers.authorization?.startsWith('AWS4-HMAC-SHA256')) {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    } else if (name === bucket && url.searchParams.get('list-type') === '2') {
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(list(url));
    } else {
      const key = path.join('/');
      reads.push(key);
      onRead(key);
      const wanted = request.headers['if-match'];
      const { content } = objects.get(key)!;
      if (broken.has(key)) {
        response.writeHead(403, { 'content-type': 'application/xml' });
        response.end('<Error><Code>InvalidObjectState</Code><Message>the object is archived</Message></Error>');
        return;
      }
      if (wanted !== undefined && wanted !== tagOf(content)) {
        response.writeHead(412, { 'content-type': 'application/xml' });
        response.end('<Error><Code>PreconditionFailed</Code><Message>no</Message></Error>');
        return;
      }
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length });
      if (isCut) response.write(content.subarray(0, 1), () => request.socket.destroy());
      else response.end(content);
    }
  }

  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reads,
    put: (key: string, content: string, at = new Date()) => objects.set(key, { content: Buffer.from(content), at }),
    /** An object that is listed and cannot be read. */
    setBroken: (key: string, isBroken: boolean) => void (isBroken ? broken.add(key) : broken.delete(key)),
    /** Is called before an object is answered. */
    setOnRead: (listener: (key: string) => void) => {
      onRead = listener;
    },
    /** Contents that break off after their first byte. */
    setCut: (cut: boolean) => {
      isCut = cut;
    },
    setDown: (down: boolean) => {
      isDown = down;
    },
    stop: () => new Promise((done) => server.close(done)),
  };
}

function tagOf(content: Buffer): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}

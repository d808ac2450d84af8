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

  function list(url: URL): string {
    const prefix = url.searchParams.get('prefix') ?? '';
    const after = url.searchParams.get('continuation-token') ?? '';
    const keys = [...objects.keys()].sort().filter((key) => key.startsWith(prefix) && key > after);
    const page = keys.slice(0, 2);
    const isTruncated = keys.length > page.length;
    const contents = page.map((key) => {
      const { content, at } = objects.get(key)!;
      const tag = createHash('md5').update(content).digest('hex');
      return `<Contents><Key>${key}</Key><Size>${content.length}</Size><LastModified>${at.toISOString()}</LastModified><ETag>"${tag}"</ETag></Contents>`;
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
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(objects.get(key)!.content);
    }
  }

  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reads,
    put: (key: string, content: string, at = new Date()) => objects.set(key, { content: Buffer.from(content), at }),
    setDown: (down: boolean) => {
      isDown = down;
    },
    stop: () => new Promise((done) => server.close(done)),
  };
}

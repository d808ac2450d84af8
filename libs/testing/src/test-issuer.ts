import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

interface Keys {
  readonly alg: string;
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  readonly publicJwk: JWK;
}

export interface TokenOptions {
  /** Which key signs; the newest when absent. */
  readonly kid?: string;
  /** Leaves the id of the key out of the header. */
  readonly isAnonymous?: boolean;
  readonly issuer?: string;
  readonly audience?: string | null;
  /** Seconds from now; undefined for a token that never ends. */
  readonly expiresIn?: number | null;
  readonly notBeforeIn?: number;
  readonly issuedAgo?: number;
}

/** An issuer of JSON Web Tokens of its own: an HTTP server with a key set that a test rotates, closes and spoils. */
export async function testIssuer() {
  const signers = new Map<string, Keys>();
  const published = new Set<string>();
  let answer: { status: number; body?: string } | undefined;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    const keys = [...published].map((kid) => signers.get(kid)?.publicJwk);
    response.writeHead(answer?.status ?? 200, { 'content-type': 'application/jwk-set+json' });
    response.end(answer ? answer.body : JSON.stringify({ keys }));
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;

  /** Makes a key; `isPublished` puts it into the key set. */
  async function addKey(kid: string, { alg = 'ES256', isPublished = true } = {}): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    signers.set(kid, { alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } });
    if (isPublished) published.add(kid);
  }

  /** A signed token for the audience `bascule`, for a minute. */
  function token(claims: JWTPayload, options: TokenOptions = {}): Promise<string> {
    const kid = options.kid ?? [...signers.keys()].at(-1) ?? '';
    const signer = signers.get(kid);
    if (!signer) throw new Error(`the issuer has no key ${kid}`);
    const now = Math.floor(Date.now() / 1000);
    const { expiresIn = 60, audience = 'bascule', issuedAgo = 0, notBeforeIn } = options;
    const jwt = new SignJWT(claims)
      .setProtectedHeader({ alg: signer.alg, ...(options.isAnonymous ? {} : { kid }) })
      .setIssuer(options.issuer ?? issuer)
      .setIssuedAt(now - issuedAgo);
    if (audience !== null) jwt.setAudience(audience);
    if (expiresIn !== null) jwt.setExpirationTime(now + expiresIn);
    if (notBeforeIn !== undefined) jwt.setNotBefore(now + notBeforeIn);
    return jwt.sign(signer.privateKey);
  }

  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    addKey,
    token,
    publish: (kid: string) => published.add(kid),
    withdraw: (kid: string) => published.delete(kid),
    /** How often the key set was asked for. */
    requests: () => requests,
    /** Answers something else than the key set from now on; without a parameter the key set again. */
    answerWith: (other?: { status: number; body?: string }) => {
      answer = other;
    },
    /** Stops listening, as a server that is away. */
    away: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    back: () => listen(port),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type TestIssuer = Awaited<ReturnType<typeof testIssuer>>;

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../inference/inference-bodies.js';
import { inferenceReply } from '../inference/inference-reply.js';
import { matchInputs, parseInference } from '../inference/inference-request.js';
import type { LoadedVersion } from '../runtime/models.service.js';

/**
 * A door of its own to one version, on this machine only: requests are read, put together with others, run and answered by the
 * functions that clients' requests pass. What it leaves out are the keys of clients with their limits, and the record of what was
 * answered. It has a key of its own: others on this machine do not get in.
 */
export class LoadDoor {
  /** What requests have to carry as a bearer token. */
  readonly key = randomBytes(32).toString('base64url');
  private readonly server: Server;
  private readonly expected = Buffer.from(`Bearer ${this.key}`);

  constructor(
    private readonly loaded: LoadedVersion,
    private readonly deadlineMs: number,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** @returns its address */
  async open(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.isKeyOf(request)) {
      response.writeHead(401, { connection: 'close' }).end();
      return;
    }
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { status, text } = await this.infer(Buffer.concat(chunks));
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    } catch (error) {
      response.writeHead(503).end(error instanceof Error ? error.message : String(error));
    }
  }

  private isKeyOf({ headers }: IncomingMessage): boolean {
    const shown = Buffer.from(headers.authorization ?? '');
    return shown.length === this.expected.length && timingSafeEqual(shown, this.expected);
  }

  private async infer(bytes: Buffer): Promise<{ status: number; text: string | Buffer }> {
    const body = readBody(bytes, undefined, Number.POSITIVE_INFINITY);
    if (body instanceof Error) return { status: 400, text: body.message };
    const parsed = parseInference(body);
    if (!parsed.ok) return { status: 400, text: parsed.reason };
    const { routed, modelName, batcher } = this.loaded;
    const inputs = matchInputs(parsed.value.inputs, routed.signature.inputs);
    if (!inputs.ok) return { status: 400, text: inputs.reason };
    const names = routed.signature.outputs.map(({ name }) => name);
    // behind whatever clients ask of this gateway meanwhile
    const options = { priority: 'batch', deadlineAt: performance.now() + this.deadlineMs } as const;
    const outputs = await batcher.infer(inputs.value, names, options);
    const answer = { modelName, modelVersion: String(routed.version), predictionId: '', outputs };
    const form = { binary: parsed.value.binaryOutputs, gzipMinBytes: Number.POSITIVE_INFINITY, acceptEncoding: undefined };
    return { status: 200, text: (await inferenceReply(answer, form)).body };
  }
}

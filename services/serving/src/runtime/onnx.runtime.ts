// The program of the child process that runs models: a native run that hangs or leaks can only be ended together with
// its process.
import { Socket } from 'node:net';
// not the whole platform: this process holds models and little else
import { endWithParent } from '@bascule/platform/end-with-parent';
import type { ExecutionProvider } from './execution-providers.js';
import { encodeFrame, type Frame, type FrameHeader, FrameReader, type Graph, packTensors, unpackTensors } from './frame.js';
import { OnnxSession } from './onnx-session.runtime.js';

const sessions = new Map<string, OnnxSession>();
const providers = process.argv.slice(2) as ExecutionProvider[];
// the runtime's native side does not know this class yet; without it, halves travel as 16-bit words
Reflect.deleteProperty(globalThis, 'Float16Array');

async function load(model: string, bytes: Buffer): Promise<Graph> {
  await unload(model);
  const session = await OnnxSession.open(bytes, providers);
  sessions.set(model, session);
  return session.graph;
}

async function unload(model: string): Promise<void> {
  await sessions.get(model)?.release();
  sessions.delete(model);
}

async function answer({ header, body }: Frame): Promise<{ header: FrameHeader; body?: Uint8Array[] }> {
  switch (header.kind) {
    case 'load':
      return { header: { kind: 'loaded', graph: await load(header.model, body) } };
    case 'unload':
      await unload(header.model);
      return { header: { kind: 'unloaded' } };
    case 'run': {
      const session = sessions.get(header.model);
      if (!session) return { header: { kind: 'not-loaded' } };
      const startedAt = performance.now();
      const packed = packTensors(await session.run(unpackTensors(header.tensors, body), header.outputs));
      return { header: { kind: 'ran', ms: performance.now() - startedAt, tensors: packed.headers }, body: packed.body };
    }
    default:
      throw new Error(`a ${header.kind} frame is an answer, not a question`);
  }
}

// descriptor 3 is one end of a Unix socket pair that the gateway made
const socket = new Socket({ fd: 3 });
const reader = new FrameReader();
let last = Promise.resolve();

socket.on('data', (chunk) => {
  for (const frame of reader.push(chunk)) {
    last = last.then(async () => {
      const { header, body } = await answer(frame).catch((error: unknown) => ({
        header: { kind: 'failed' as const, message: error instanceof Error ? error.message : String(error) },
        body: undefined,
      }));
      socket.cork();
      for (const part of encodeFrame(frame.id, header, body)) socket.write(part);
      // once it is out: an output may be an input
      if (frame.header.kind === 'run') socket.write('', () => reader.recycle(frame));
      socket.uncork();
    });
  }
});
// the gateway is gone: nobody is left to answer, not even a run that does not end
endWithParent();
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
// a signal to the whole process group is the gateway's to handle: it still needs answers while it drains
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

import { Readable } from 'node:stream';
import { uploadStalled, uploadTooLarge } from '../errors.js';

/** A sender that says nothing for so long is gone. */
const silenceMs = 120_000;

/**
 * The content of a request as a stream that fails when it becomes larger than allowed or falls silent.
 * @param declaredBytes what the sender says its length is; 0 when it does not say
 */
export function boundedContent(body: Readable, declaredBytes: number, limitBytes: number): Readable {
  if (declaredBytes > limitBytes) throw uploadTooLarge({ sizeBytes: declaredBytes, limitBytes });
  return Readable.from(bounded(body, limitBytes), { objectMode: true, highWaterMark: 4 });
}

async function* bounded(body: Readable, limitBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  const silence = setTimeout(() => body.destroy(uploadStalled({ silenceMs })), silenceMs).unref();
  try {
    // not destroyed with the loop: the connection still has to carry the refusal
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      silence.refresh();
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) throw uploadTooLarge({ limitBytes });
      yield chunk;
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      ? uploadStalled({ sizeBytes }, 'the connection ended before the content did')
      : error;
  } finally {
    clearTimeout(silence);
  }
}

import { Readable } from 'node:stream';
import type { UploadErrors } from './upload-errors.js';

/** A sender that says nothing for so long is gone. */
const silenceMs = 120_000;

/**
 * The content of a request as a stream that fails when it becomes larger than allowed or falls silent.
 * @param declaredBytes what the sender says its length is; 0 when it does not say
 */
export function boundedContent(
  body: Readable,
  { declaredBytes = 0, limitBytes }: { readonly declaredBytes?: number; readonly limitBytes: number },
  errors: Pick<UploadErrors, 'tooLarge' | 'stalled'>,
): Readable {
  if (declaredBytes > limitBytes) throw errors.tooLarge({ sizeBytes: declaredBytes, limitBytes });
  return Readable.from(bounded(body, limitBytes, errors), { objectMode: true, highWaterMark: 4 });
}

async function* bounded(
  body: Readable,
  limitBytes: number,
  { tooLarge, stalled }: Pick<UploadErrors, 'tooLarge' | 'stalled'>,
): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  const silence = setTimeout(() => body.destroy(stalled({ silenceMs })), silenceMs).unref();
  try {
    // not destroyed with the loop: the connection still has to carry the refusal
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      silence.refresh();
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) throw tooLarge({ limitBytes });
      yield chunk;
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      ? stalled({ sizeBytes }, 'the connection ended before the content did')
      : error;
  } finally {
    clearTimeout(silence);
  }
}

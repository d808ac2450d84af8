// The program of the thread that asks: it must not hold up the gateway that answers it.
import { parentPort, workerData } from 'node:worker_threads';
import { type OfferedLoad, offerLoad } from './offered-load.js';

const { url, body, load } = workerData as { readonly url: string; readonly body: Uint8Array; readonly load: OfferedLoad };
parentPort?.postMessage(await offerLoad(url, Buffer.from(body), load));

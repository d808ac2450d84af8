// The program of the thread that asks: it must not hold up the gateway that answers it.
import { parentPort, workerData } from 'node:worker_threads';
import { type OfferedLoad, offerLoad } from './offered-load.js';

interface Asked {
  readonly url: string;
  readonly key: string;
  readonly body: Uint8Array;
  readonly load: OfferedLoad;
}

const { url, key, body, load } = workerData as Asked;
parentPort?.postMessage(await offerLoad(url, Buffer.from(body), load, key));

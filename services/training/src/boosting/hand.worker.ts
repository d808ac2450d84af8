import { parentPort, workerData } from 'node:worker_threads';
import { commands, controlAt, Hand, type Share } from './work.js';

// a helper of a fit: waits for the next order on the board, carries out its share, says that it is done

const share = workerData as Share;
const { control } = share.board;
const hand = new Hand(share);
const spins = 2_000;

parentPort?.postMessage('ready');

for (let seen = 0; ; ) {
  for (let i = 0; i < spins && Atomics.load(control, controlAt.sequence) === seen; i++);
  while (Atomics.load(control, controlAt.sequence) === seen) Atomics.wait(control, controlAt.sequence, seen);
  seen = Atomics.load(control, controlAt.sequence);
  if (control[controlAt.command] === commands.end) break;
  try {
    hand.work();
  } catch {
    control[controlAt.failed] = 1;
  }
  Atomics.add(control, controlAt.done, 1);
  Atomics.notify(control, controlAt.done);
}

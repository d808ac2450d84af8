import { PortReservations } from '@bascule/launcher';

/** Where the search begins: above the ports of stacks, below those that the system hands out by itself. */
const [first, spread] = [30_100, 2_000];

let reservations: PortReservations | undefined;

/**
 * A port for a server of this process alone, until the process ends: nobody is given it who asks the system for any port, so that a
 * server that was killed finds it free when it is started again.
 */
export function testPort(): Promise<number> {
  // not all from the same one: who is left of another test may still look for its server there
  reservations ??= new PortReservations(first + ((process.pid * 37) % spread));
  return reservations.take();
}

import { join } from 'node:path';
import { type NatsServer, startNats } from '@bascule/launcher';
import { endWithUs } from './end-with-us.js';
import { removeFolder, temporaryFolder } from './temporary-folder.js';
import { testPort } from './test-port.js';

/** A nats-server of its own with JetStream, on a free port and in a folder that goes with it. */
export async function testNats(options: { configFile?: string } = {}): Promise<NatsServer> {
  const folder = temporaryFolder('nats');
  const server = await startNats({ storeDir: join(folder, 'store'), port: await testPort(), onProcess: endWithUs('nats'), ...options });
  return {
    ...server,
    get process() {
      return server.process;
    },
    stop: async () => {
      await server.stop();
      removeFolder(folder);
    },
  };
}

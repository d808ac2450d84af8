import { expect, it } from 'vitest';
import { typedCommand } from './typed-command.js';

it('names the folder unless it is the usual one', () => {
  expect(typedCommand('stop', '.bascule')).toBe('npm run bascule -- stop');
  expect(typedCommand('stop', '/data/two')).toBe('npm run bascule -- stop --data /data/two');
  expect(typedCommand('reset', "/data/it's two")).toBe("npm run bascule -- reset --data '/data/it'\\''s two'");
});

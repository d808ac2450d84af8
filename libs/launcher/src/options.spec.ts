import { describe, expect, it } from 'vitest';
import { OptionError, readOptions } from './options.js';

describe('options', () => {
  it('starts with the example, in .bascule, from port 4000', () => {
    expect(readOptions([])).toEqual({ once: false, empty: false, data: '.bascule', port: 4000, replicas: {}, help: false });
  });

  it('takes replicas one by one or in a list', () => {
    expect(readOptions(['--replicas', 'serving=2', '--replicas', 'training=3']).replicas).toEqual({ serving: 2, training: 3 });
    expect(readOptions(['--replicas=serving=2,registry=2']).replicas).toEqual({ serving: 2, registry: 2 });
  });

  it.each([
    [['--replica', 'serving=2'], "Unknown option '--replica'"],
    [['now'], 'Unexpected argument'],
    [['--port', 'high'], '--port wants a whole number'],
    [['--port', '70000'], '--port wants a whole number'],
    [['--replicas', 'nobody=2'], '--replicas wants NAME=N'],
    [['--replicas', 'serving=0'], '--replicas serving wants'],
    [['--once', '--empty'], 'name one of them'],
    [['--report'], '--report'],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(OptionError);
    expect(() => readOptions(args)).toThrow(message);
  });

  it('takes environments besides production, each once', () => {
    expect(readOptions(['--environment', 'staging', '--environment', 'staging,trial']).environments).toEqual(['staging', 'trial']);
    for (const name of ['production', 'Staging', ''])
      expect(() => readOptions(['--environment', name])).toThrow('--environment wants a name');
  });
});

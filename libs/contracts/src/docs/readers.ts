import type { BlockDefinition, EventDefinition } from '../define-event.js';

export type Definition = EventDefinition | BlockDefinition;

/** A file that reacts to an event, as its path says: `services/<service>/src/<feature>/<entity>-<fact>.consumer.ts`. */
export interface ConsumerFile {
  readonly service: string;
  /** File name without `.consumer.ts`. */
  readonly reaction: string;
}

const everything = 'any-event';

/** The consumer files among paths of the repository. */
export function consumerFiles(paths: readonly string[]): ConsumerFile[] {
  const files = paths.flatMap((path) => {
    const match = /services\/([a-z-]+)\/src\/[^/]+\/([a-z0-9-]+)\.consumer\.ts$/.exec(path.replaceAll('\\', '/'));
    return match ? [{ service: match[1]!, reaction: match[2]! }] : [];
  });
  return files.sort((a, b) => `${a.service}/${a.reaction}`.localeCompare(`${b.service}/${b.reaction}`));
}

/** Services with a reaction of their own to this event; readers of everything are left out. */
export function readersOf({ entity, fact }: Definition, files: readonly ConsumerFile[]): string[] {
  const name = `${entity}-${fact}`;
  const readers = files.filter(({ reaction }) => reaction === name || reaction.startsWith(`${name}-`)).map(({ service }) => service);
  return [...new Set(readers)];
}

/** Services that read every event there is. */
export function readersOfEverything(files: readonly ConsumerFile[]): string[] {
  return [...new Set(files.filter(({ reaction }) => reaction === everything).map(({ service }) => service))];
}

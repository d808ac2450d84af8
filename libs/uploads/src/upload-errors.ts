import type { ErrorFactory } from '@bascule/platform';

/** The errors of a service's uploads, under codes of its own. */
export interface UploadErrors {
  /** A header or the metadata is not what tus 1.0 asks for. */
  readonly invalid: ErrorFactory;
  /** No such upload of this sender. */
  readonly notFound: ErrorFactory;
  /** The bytes do not go on where the upload ends, or another request is writing. */
  readonly offsetConflict: ErrorFactory;
  readonly tooLarge: ErrorFactory;
  /** The sender fell silent or went away. */
  readonly stalled: ErrorFactory;
}

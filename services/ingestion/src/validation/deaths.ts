/** So often may the validation of a batch end with its process: at one place, where the batch itself must be to blame, and at all. */
const most = { atOnePlace: 3, ever: 12 };

/** How often the validation of a batch ended with its process. A place is how many records had been gone through, in all readings. */
export interface Deaths {
  readonly count: number;
  /** Where it ended last; unknown of a process that did not write it down. */
  readonly place: number | undefined;
  /** How often it ended there, without another place in between. */
  readonly atPlace: number;
}

export const noDeaths: Deaths = { count: 0, place: undefined, atPlace: 0 };

/** One death more. Processes are killed anywhere; one and the same place again and again is that of records which kill. */
export function withDeathAt({ count, place: before, atPlace }: Deaths, place: number): Deaths {
  return { count: count + 1, place, atPlace: place === before ? atPlace + 1 : 1 };
}

/** Why a batch is not validated once more; undefined where it is. */
export function whyGivenUp({ count, place, atPlace }: Deaths): string | undefined {
  if (atPlace >= most.atOnePlace)
    return `validation ended with its process ${atPlace} times at the same place (${placeName(place!)}) and was given up; send the records in smaller batches`;
  if (count >= most.ever)
    return `validation ended with its process ${count} times and was given up; when processes live longer, send the batch again`;
  return undefined;
}

function placeName(place: number): string {
  return place === 0 ? 'before the first records' : `after ${place} records`;
}

/** What a gateway has not answered for this long (ms) is asked about. */
export const FIRST_LOOK_MS = 60_000;
/** What is given up for a while is looked at again after this long (ms). */
export const LONGEST_PAUSE_MS = 60 * 60_000;

/** How long (ms) to wait before the next look, after so many: from a minute, doubled each time, up to an hour. */
export function pauseAfter(looks: number): number {
  return Math.min(FIRST_LOOK_MS * 2 ** Math.min(looks, 10), LONGEST_PAUSE_MS);
}

import { say } from './output.ts';

/** One press of Ctrl+C arrives several times: from the terminal, and again from the program that started this one. */
const SAME_PRESS_MS = 1000;

/** Waits for SIGTERM or SIGINT. A second one, more than a second after the first, ends the process at once with exit code 1. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let stoppedAt: number | undefined;
    const stop = (): void => {
      const now = performance.now();
      if (stoppedAt === undefined) {
        stoppedAt = now;
        say('Stopping when the last request has ended; once more stops at once.');
        resolve();
      } else if (now - stoppedAt > SAME_PRESS_MS) {
        process.exit(1);
      }
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

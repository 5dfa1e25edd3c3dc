import { say } from './output.ts';

/** Waits for SIGTERM or SIGINT. From then on a second signal ends the process at once, with exit code 1. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) process.exit(1);
      isStopping = true;
      say('Stopping when the last request has ended; once more stops at once.');
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

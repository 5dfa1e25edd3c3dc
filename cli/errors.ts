import { randomUUID } from 'node:crypto';
import type { Refusal } from '#src/kernel/errors.ts';
import { plain } from './text.ts';

export const REFUSED = 1;
export const BUG = 70;

/** Says on stderr what was refused, why in detail where there is more to say, and what to do. Answers the exit code. */
export function reportRefusal(refusal: Refusal): number {
  const details = refusal.code === 'bad_input' ? detailLines(refusal) : [];
  const lines = [refusal.message, ...details, refusal.hint];
  process.stderr.write(`${lines.map(plain).join('\n')}\n`);
  return REFUSED;
}

/** Says on stderr that this is a mistake of the portal's own; the stack only with PORTAL_DEBUG. Answers the exit code. */
export async function reportBug(error: unknown): Promise<number> {
  const incident = randomUUID().slice(0, 8);
  const { wantsStacks } = await import('#src/config.ts');
  const text = error instanceof Error ? error : new Error(String(error));
  const shown = wantsStacks() ? (text.stack ?? text.message) : plain(text.message);
  process.stderr.write(
    `The portal made a mistake (incident ${incident}): ${shown}\n` +
      'Run it again with PORTAL_DEBUG=1 to see where, and report it with the incident number.\n',
  );
  return BUG;
}

function detailLines(refusal: Refusal): string[] {
  return Object.entries(refusal.details).map(([name, reason]) => `  ${name}: ${reason}`);
}

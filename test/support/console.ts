import { format } from 'node:util';

type Method = 'debug' | 'error' | 'info' | 'log' | 'warn';

const methods: readonly Method[] = ['debug', 'error', 'info', 'log', 'warn'];
const originals = new Map<Method, (...args: unknown[]) => void>();
let seen: string[] = [];
let expected: RegExp[] = [];

/**
 * Declares that the running test writes to the console. Each pattern must match at least one line by the end of
 * the test; output that matches none of them fails it.
 */
export function expectConsole(...patterns: RegExp[]): void {
  expected.push(...patterns);
}

/** Starts watching the console for one test; what is written is still shown. */
export function watchConsole(): void {
  seen = [];
  expected = [];
  for (const method of methods) {
    const original = console[method];
    originals.set(method, original);
    console[method] = (...args: unknown[]) => {
      const line = `console.${method}: ${format(...args)}`;
      seen.push(line);
      if (!isExpected(line)) original.apply(console, args);
    };
  }
}

/** Ends the watch and throws when the test wrote what it did not declare, or declared what it did not write. */
export function settleConsole(): void {
  for (const [method, original] of originals) console[method] = original;
  originals.clear();
  const unexpected = seen.filter((line) => !isExpected(line));
  const missing = expected.filter((pattern) => !seen.some((line) => pattern.test(line)));
  if (unexpected.length > 0) throw new Error(`Unexpected console output:\n${unexpected.join('\n')}`);
  if (missing.length > 0) throw new Error(`Expected console output is missing: ${missing.join(', ')}`);
}

function isExpected(line: string): boolean {
  return expected.some((pattern) => pattern.test(line));
}

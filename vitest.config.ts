import { defineConfig } from 'vitest/config';

/** Tests that start browsers, servers or many processes: after the others, and with more time. */
const heavy = ['test/browser/**/*.test.ts', 'test/drill/**/*.test.ts'];

const LONGEST_MS = 15 * 60_000;

/**
 * Test files and the product's modules are loaded by Node itself (type stripping), not by Vite: a test, the front
 * and the built Astro handler of `dist/` then share one copy of every module, and `instanceof` holds across them.
 * The price: `vi.mock` of modules is not available. Nothing here mocks modules.
 */
export default defineConfig({
  test: {
    experimental: { viteModuleRunner: false, nodeLoader: false },
    pool: 'forks',
    // As many as the smallest machine has cores: Vitest itself would leave one of them idle.
    maxWorkers: 2,
    globalSetup: ['test/setup-run.ts'],
    setupFiles: ['test/setup.ts', 'test/mutation/setup.ts'],
    // Against tests that hang. No test fails because a machine is slow: who waits for something waits as long as the test may take.
    testTimeout: LONGEST_MS,
    hookTimeout: LONGEST_MS,
    expect: { poll: { timeout: LONGEST_MS } },
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: heavy } },
      {
        extends: true,
        test: {
          name: 'heavy',
          include: heavy,
          sequence: { groupOrder: 1 },
          // What these execute is not looked at: mutants are not tried with them.
          env: { NODE_V8_COVERAGE: '' },
        },
      },
    ],
  },
});

/**
 * Where the npm scripts begin. Runs on any Node from 20 on, before anything is installed: plain JavaScript, no
 * packages. It installs and builds what is missing or out of date, then hands over to the project's own Node.
 *
 *   node cli/start/main.mjs demo|test|bench|drill|mutate|build|link [arguments]
 */
import { join } from 'node:path';
import { buildIfNeeded } from './build.mjs';
import { runChecks } from './checks.mjs';
import { installIfNeeded, linkCommand, projectNode, root } from './install.mjs';
import { runAttached } from './processes.mjs';

const tasks = {
  async demo(args) {
    await installIfNeeded();
    await buildIfNeeded();
    return runAttached(projectNode(), [join(root, 'cli', 'portal.ts'), 'demo', ...args]);
  },
  async test(args) {
    await installIfNeeded();
    await buildIfNeeded();
    return runChecks(args);
  },
  async bench(args) {
    await installIfNeeded();
    await buildIfNeeded();
    return runAttached(projectNode(), [join(root, 'test', 'bench', 'main.ts'), ...args]);
  },
  async drill(args) {
    await installIfNeeded();
    await buildIfNeeded();
    return runAttached(projectNode(), [join(root, 'test', 'drill', 'main.ts'), ...args]);
  },
  async mutate(args) {
    await installIfNeeded();
    await buildIfNeeded();
    return runAttached(projectNode(), [join(root, 'test', 'mutation', 'main.ts'), ...args]);
  },
  async build() {
    await installIfNeeded();
    await buildIfNeeded({ always: true });
    return 0;
  },
  async link() {
    linkCommand();
    return 0;
  },
};

const [task = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, task)) {
  process.stderr.write(`Unknown task "${task}". Known: ${Object.keys(tasks).join(', ')}.\n`);
  process.exit(2);
}
try {
  process.exitCode = await tasks[task](args);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

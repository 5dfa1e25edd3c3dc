import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import main from '../../vitest.config.ts';

/** The files in the order in which they were asked for. */
const files: string[] = JSON.parse(process.env['TEST_FILES'] ?? '[]');

class AsGiven extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    return specifications.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  return files.findIndex((file) => moduleId.endsWith(`/${file}`));
}

const { projects: _projects, ...shared } = main.test ?? {};

/** Test files one after the other, in a given order, each in a process of its own. */
// oxlint-disable-next-line import/no-default-export -- Vitest asks for it
export default defineConfig({
  root: fileURLToPath(new URL('../../', import.meta.url)),
  test: {
    ...shared,
    include: files,
    maxWorkers: 1,
    fileParallelism: false,
    sequence: { sequencer: AsGiven },
    cache: false,
  },
});

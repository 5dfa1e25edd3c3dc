import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeCoverage } from 'node:v8';
import { afterAll, expect } from 'vitest';

/*
 * Where Node is asked for coverage (NODE_V8_COVERAGE), each test file says which of it is its own: that of its process, which Vitest ends
 * before it would be written, and that of the processes that it starts.
 */
const folder = process.env['NODE_V8_COVERAGE'];
if (folder) {
  const started = performance.now();
  const own = join(folder, String(process.pid));
  mkdirSync(own, { recursive: true });
  process.env['NODE_V8_COVERAGE'] = own;
  afterAll(() => {
    takeCoverage();
    const about = { path: expect.getState().testPath, seconds: (performance.now() - started) / 1000 };
    writeFileSync(join(own, 'test-file.json'), JSON.stringify(about));
  });
}

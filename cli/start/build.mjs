import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectNode, root } from './install.mjs';
import { runWithProgress } from './processes.mjs';

/** What ends up in the built views. Other modules are loaded from their files at run time. */
const sources = [
  ...['pages', 'components', 'layouts', 'islands', 'styles', 'middleware.ts'].map((name) =>
    join('src', name),
  ),
  'public',
  'astro.config.mjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];
const built = join(root, 'dist');
const stamp = join(built, 'sources.sha256');
const lock = join(root, 'node_modules', '.cache', 'build.lock');

/** Builds the views into `dist/` unless it holds what the sources now say. Several may ask at once; one builds. */
export async function buildIfNeeded({ always = false } = {}) {
  if (!existsSync(join(root, 'src', 'pages'))) return;
  if (!always && upToDate()) return;
  await takeLock();
  try {
    if (always || !upToDate()) await build();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Into a folder of its own first, then in one step to `dist/`: nobody ever sees half a build. */
async function build() {
  const digest = digestOfSources();
  const draft = join(root, '.astro', `dist-${process.pid}`);
  const former = join(root, '.astro', `former-${process.pid}`);
  const astro = join(root, 'node_modules', 'astro', 'bin', 'astro.mjs');
  await runWithProgress('Building the pages', projectNode(), [astro, 'build', '--outDir', draft], {
    cwd: root,
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  });
  writeFileSync(join(draft, 'sources.sha256'), digest);
  if (existsSync(built)) renameSync(built, former);
  renameSync(draft, built);
  rmSync(former, { recursive: true, force: true });
}

function upToDate() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOfSources();
}

function digestOfSources() {
  const hash = createHash('sha256');
  for (const file of sources.flatMap(filesUnder)) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** The files of a folder, or the file itself, relative to the project; sorted, so that the digest is stable. */
function filesUnder(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full)
    .toSorted()
    .flatMap((name) => filesUnder(join(path, name)));
}

/** One build at a time: waits for a build that is running, takes over from one that died. */
async function takeLock() {
  mkdirSync(join(lock, '..'), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (holderIsGone()) rmSync(lock, { recursive: true, force: true });
    else await sleep(200);
  }
}

function holderIsGone() {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    // No number in it yet: its owner is about to write it, unless it died right there, ten seconds ago or more.
    if (error.code === 'ENOENT') return existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 10_000;
    return error.code === 'ESRCH';
  }
}

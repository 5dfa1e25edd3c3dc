import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const run = promisify(execFile);
const packageFolder = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** Our own flags: those of the package switch off web security, which would make CSP and CSRF tests worthless. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--font-render-hinting=none',
];

/**
 * Starts a real Chromium from the npm package: as root too, without network, without anything installed on the
 * machine. The binary is unpacked once into `node_modules/.cache`. The caller closes the browser.
 */
export async function launchChromium(): Promise<Browser> {
  const folder = await unpacked();
  const executablePath = join(folder, 'chromium');
  const env = await environment(folder, executablePath);
  return chromium.launch({ executablePath, args: flags, chromiumSandbox: false, env });
}

/** The folder with the unpacked browser. Several processes may ask at once: each unpacks aside, the first rename wins. */
async function unpacked(): Promise<string> {
  const folder = join(cache, `chromium-${packageVersion()}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'chromium-draft-'));
  await unpackInto(draft);
  chmodSync(draft, 0o755);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The package unpacks into TMPDIR, whatever it is: hence a process of its own. */
async function unpackInto(folder: string): Promise<void> {
  const archives = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'];
  const paths = archives.map((name) => join(packageFolder, 'bin', name));
  const script = `
    const { inflate } = await import(${JSON.stringify(import.meta.resolve('@sparticuz/chromium'))});
    await Promise.all(${JSON.stringify(paths)}.map((path) => inflate(path)));`;
  await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: folder, NODE_OPTIONS: '' },
  });
  chmodSync(join(folder, 'chromium'), 0o755);
  writeFileSync(join(folder, 'fonts.conf'), fontSettings);
}

/** The machine's fonts, and the package's Open Sans where the machine has none. Relative to the file itself. */
const fontSettings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/** Adds the package's own NSS libraries where the machine has none. */
async function environment(folder: string, executable: string): Promise<Record<string, string>> {
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    XDG_CACHE_HOME: folder,
    FONTCONFIG_FILE: join(folder, 'fonts.conf'),
  };
  const libraries = { ...env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') };
  return run(executable, ['--version'], { env }).then(
    () => env,
    () => libraries,
  );
}

function packageVersion(): string {
  const text = readFileSync(join(packageFolder, 'package.json'), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}

// Does what a newcomer does: clones, runs `npm run demo`, opens the first magic link it prints, reads the account,
// stops it with Ctrl-C, and starts it a second time. Any Node from 20 on; exit code 0 when all of it worked.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const usualPort = 4321;
const project = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'portal-newcomer-'));
const clone = join(folder, 'portal');
const children = new Set();

process.once('SIGTERM', () => {
  for (const child of children) killGroup(child, 'SIGKILL');
  process.exit(1);
});

try {
  execFileSync('git', ['clone', '--quiet', project, clone], { stdio: 'inherit' });
  const environment = await newcomersEnvironment();
  await startSignInAndStop(environment);
  const second = await startSignInAndStop(environment);
  assert.doesNotMatch(
    second,
    /Installing packages|Building the pages/,
    'the second run works from what is there',
  );
} finally {
  for (const child of children) killGroup(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** Starts the demo, signs in, reads the account page, stops. Answers everything the demo printed. */
async function startSignInAndStop(env) {
  const started = Date.now();
  const demo = spawn('npm', ['run', 'demo'], {
    cwd: clone,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(demo);
  const ended = new Promise((resolve) => demo.once('close', (code, signal) => resolve(code ?? signal)));
  const output = readAll(demo);
  const link = await firstLink(output, ended);
  process.stdout.write(`\nready after ${((Date.now() - started) / 1000).toFixed(1)} s: ${link}\n`);
  const page = await open(link);
  assert.equal(page.status, 200, 'the magic link ends on a page');
  assert.match(page.text, /Balance/, 'the page is the account');
  killGroup(demo, 'SIGINT');
  const code = await Promise.race([ended, delay(15_000).then(() => 'still running')]);
  assert.notEqual(code, 'still running', 'Ctrl-C stops the demo');
  assert.ok(await isFree(Number(new URL(link).port)), 'nothing listens any more');
  children.delete(demo);
  return output.text;
}

/** No settings of ours; another port only where the usual one is taken. */
async function newcomersEnvironment() {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:PORTAL_|npm_|NODE_)/.test(name)),
  );
  const path = (env.PATH ?? '').split(':').filter((part) => !part.includes('node_modules'));
  if (!(await isFree(usualPort))) env.PORTAL_BASE_URL = `http://localhost:${await freePort()}`;
  return { ...env, PATH: path.join(':') };
}

function readAll(child) {
  const output = { text: '' };
  child.stdout.on('data', (chunk) => {
    output.text += chunk;
    process.stdout.write(chunk);
  });
  return output;
}

/** The first magic link, once its line is complete; refuses when the demo ends before. */
async function firstLink(output, ended) {
  let over = false;
  ended.then(() => (over = true));
  for (;;) {
    const found = /(https?:\/\/[^\s/]+\/login\/[\w.-]+)\S*\s/.exec(output.text);
    if (found !== null) return found[0].trim();
    if (over) throw new Error('The demo ended without printing a magic link.');
    await delay(100);
  }
}

/** Opens an address as a browser would: keeps cookies, follows redirects on the same site. */
async function open(address) {
  const cookies = new Map();
  let url = new URL(address);
  for (let hop = 0; hop < 8; hop += 1) {
    const answer = await get(url, cookies);
    if (answer.location === undefined) return answer;
    url = new URL(answer.location, url);
  }
  throw new Error(`Too many redirects from ${address}`);
}

/** Names below localhost are this machine, as in a browser; not every resolver knows. */
function get(url, cookies) {
  const headers = {
    host: url.host,
    accept: 'text/html',
    'sec-fetch-site': 'none',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
  };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, headers };
    const asked = request(options, (response) => {
      for (const line of response.headers['set-cookie'] ?? []) remember(cookies, line);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, location: response.headers.location, text }),
      );
    });
    asked.setTimeout(20_000, () => asked.destroy(new Error(`No answer from ${url.href}`)));
    asked.on('error', reject).end();
  });
}

function remember(cookies, line) {
  const [pair = ''] = line.split(';');
  const at = pair.indexOf('=');
  cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
}

/** As the keyboard does: the whole process group. */
function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function delay(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

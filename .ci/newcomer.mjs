// Does what a newcomer does: clones, runs `npm run demo`, opens the first magic link it prints, reads the account,
// stops it with Ctrl-C, starts it a second time, and then afresh. Any Node from 20 on; exit code 0 when all of it worked.
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
  const first = await startSignInAndStop(environment);
  assert.match(first.text, /Installing packages.*done in/, 'the first run says how long it installs');
  assert.match(first.text, /Building the pages.*done in/, 'and how long it builds');
  for (const merchant of ['acme', 'globex'])
    assert.match(
      first.text,
      new RegExp(`http://${merchant}\\.localhost:\\d+`),
      'both portals have an address',
    );
  assert.equal(first.text.match(/\/login\//g).length, 3, 'there is a link for each of three people');
  assert.match(first.text, /Mail it sent: http/, 'it says where the mail is');

  const second = await startSignInAndStop(environment, [], async () => {
    assert.equal(
      (await open(first.link)).status,
      200,
      'the second run keeps the data: the first link still works',
    );
  });
  assert.doesNotMatch(
    second.text,
    /Installing packages|Building the pages/,
    'nothing is installed or built again',
  );

  await startSignInAndStop(environment, ['--', '--fresh'], async () => {
    assert.equal(
      (await open(first.link)).status,
      400,
      '--fresh starts over: the first link is nobody’s any more',
    );
  });
} finally {
  for (const child of children) killGroup(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** Starts the demo, signs in, reads the account page, does what else is to be looked at, stops. Answers what the demo printed. */
async function startSignInAndStop(env, args = [], look = async () => {}) {
  const started = Date.now();
  const demo = spawn('npm', ['run', 'demo', ...args], {
    cwd: clone,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(demo);
  const ended = new Promise((resolve) => demo.once('close', (code, signal) => resolve(code ?? signal)));
  const output = readAll(demo);
  const link = await firstLink(output, ended);
  const seconds = (Date.now() - started) / 1000;
  process.stdout.write(`\nready after ${seconds.toFixed(1)} s: ${link}\n`);
  const page = await open(link);
  assert.equal(page.status, 200, 'the magic link ends on a page');
  assert.match(page.text, /Balance/, 'the page is the account');
  await look();
  killGroup(demo, 'SIGINT');
  await ended;
  assert.ok(await isFree(Number(new URL(link).port)), 'nothing listens any more');
  children.delete(demo);
  return { text: output.text, link };
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

/** The first magic link, once everything is printed; refuses when the demo ends before. */
async function firstLink(output, ended) {
  let over = false;
  ended.then(() => (over = true));
  for (;;) {
    const found = /(https?:\/\/[^\s/]+\/login\/[\w.-]+)\S*\s/.exec(output.text);
    if (found !== null && output.text.includes('Press Ctrl+C to stop')) return found[0].trim();
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

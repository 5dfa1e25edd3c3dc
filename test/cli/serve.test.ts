import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandLine, type CommandLine } from './command-line.ts';

interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until a text was written to either stream. */
  until(text: string | RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookie: string | undefined;
  readonly body: string;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function onPort(extra: Record<string, string> = {}): Promise<{ portal: CommandLine; port: number }> {
  const port = await freePort();
  const portal = commandLine({ PORTAL_BASE_URL: `http://localhost:${port}`, PORTAL_LOG: 'warn', ...extra });
  return { portal, port };
}

function start(portal: CommandLine, ...args: readonly string[]): Running {
  const child = spawn(join(process.cwd(), 'cli/portal'), args, {
    env: portal.env,
    cwd: portal.data,
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const until = (text: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const all = texts.out + texts.err;
        if (typeof text === 'string' ? all.includes(text) : text.test(all)) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      void ended.then((code) => reject(new Error(`it ended with ${code}: ${texts.err}`)));
      look();
    });
  return { child, stdout: () => texts.out, stderr: () => texts.err, until, ended };
}

/** One request as a browser would send it to a tenant's address, which names this machine. */
function ask(address: string, cookie?: string): Promise<Answer> {
  const url = new URL(address);
  const headers = { Host: url.host, ...(cookie ? { Cookie: cookie } : {}) };
  return new Promise((resolve, reject) => {
    const path = `${url.pathname}${url.search}`;
    const sent = request({ host: '127.0.0.1', port: url.port, path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location,
          cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
          body,
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('serve', () => {
  it('migrates, serves each tenant at its own address, signs in by a link, sends mail, and ends on SIGTERM', async () => {
    const { portal, port } = await onPort();
    await portal.run('seed', 'demo');
    const serving = start(portal, 'serve');
    await serving.until('The portal listens');
    const link = (await portal.run('magic-link', 'acme', 'CUST-00001')).stdout.trim();
    const signedIn = await ask(link);
    expect(signedIn).toMatchObject({ status: 303, location: '/' });
    const account = await ask(`http://acme.localhost:${port}/`, signedIn.cookie);
    expect(account.status).toBe(200);
    expect(account.body).toContain('Kaffeehaus Morgenrot');
    expect((await ask(`http://nobody.localhost:${port}/`)).status).toBe(421);
    expect((await ask(`http://globex.localhost:${port}/`, signedIn.cookie)).status).toBe(303);
    await expect.poll(() => portal.json('mail', 'list', 'acme'), { timeout: 10_000 }).toHaveLength(2);
    const [receipt] = [(await portal.run('mail', 'show', 'acme', '1')).stdout];
    expect(receipt).toMatch(/Subject +Receipt R-\d+/);
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(0);
    expect(serving.stdout()).toBe('');
  });

  it('shows the tenant’s accent in a stylesheet of its own, and a changed setting a moment later', async () => {
    const { portal, port } = await onPort();
    await portal.run('seed', 'demo');
    const serving = start(portal, 'serve');
    await serving.until('The portal listens');
    const accent = async (): Promise<string> => {
      const { body } = await ask(`http://acme.localhost:${port}/login`);
      const path = /\/theme-[\w-]+\.css/.exec(body)?.[0] ?? '/none';
      return (await ask(`http://acme.localhost:${port}${path}`)).body;
    };
    expect(await accent()).toBe(':root{--portal-accent:#0b6e4f}\n');
    await portal.run('settings', 'set', 'acme', 'brand.accent', '#7c3aed');
    await expect.poll(accent, { timeout: 5000 }).toBe(':root{--portal-accent:#7c3aed}\n');
  });

  it('waits for a request under way, and a second signal does not wait', async () => {
    const { portal, port } = await onPort();
    await portal.run('seed', 'demo');
    const serving = start(portal, 'serve');
    await serving.until('The portal listens');
    const slow = connect(port, '127.0.0.1');
    onTestFinished(() => void slow.destroy());
    const head = [
      'POST /login HTTP/1.1',
      `Host: acme.localhost:${port}`,
      `Origin: http://acme.localhost:${port}`,
    ];
    await new Promise<void>((resolve) => slow.once('connect', resolve));
    slow.write(
      `${head.join('\r\n')}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=`,
    );
    await ask(`http://acme.localhost:${port}/login`);
    serving.child.kill('SIGTERM');
    await serving.until('once more stops at once');
    await pause(1200);
    expect(serving.child.exitCode).toBeNull();
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(1);
  });

  it('says which port is taken, and exits with 1', async () => {
    const { portal, port } = await onPort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { code, stdout, stderr } = await portal.run('serve');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
  });
});

describe('demo', () => {
  it('prints both portals, a link that signs in for each of three people, and where the mail is', async () => {
    const { portal, port } = await onPort();
    const showing = start(portal, 'demo', '--port', String(port));
    await showing.until('Press Ctrl+C to stop');
    const text = showing.stdout();
    expect(text).toContain(`http://acme.localhost:${port} `);
    expect(text).toContain(`http://globex.localhost:${port} `);
    expect(text).toContain(`http://acme.localhost:${port}/dev/mail`);
    const links = text.split('\n').filter((line) => /^ *http:\/\/\S+\/login\/\S+$/.test(line));
    expect(links).toHaveLength(3);
    for (const link of links) expect((await ask(link.trim())).status).toBe(303);
    showing.child.kill('SIGINT');
    expect(await showing.ended).toBe(0);
  });

  it('takes the next free port and says so', async () => {
    const { portal, port } = await onPort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { PORTAL_BASE_URL: _, ...env } = portal.env;
    const showing = start({ ...portal, env }, 'demo', '--port', String(port));
    await showing.until('Press Ctrl+C to stop');
    const taken = /Port (\d+) is in use, so this is at port (\d+)\./.exec(showing.stdout());
    expect(Number(taken?.[1])).toBe(port);
    expect(Number(taken?.[2])).toBeGreaterThan(port);
    expect(showing.stdout()).toContain(`http://acme.localhost:${taken?.[2]} `);
  });

  it('--fresh starts over, but never deletes a folder that is no demo’s', async () => {
    const { portal, port } = await onPort();
    writeFileSync(join(portal.data, 'precious.txt'), 'precious');
    const refused = await portal.run('demo', '--fresh', '--port', String(port));
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing in it was deleted'),
    });
    expect(readdirSync(portal.data)).toEqual(['precious.txt']);
    const own = { ...portal, env: { ...portal.env, PORTAL_DATA: join(portal.data, 'demo') } };
    mkdirSync(own.env.PORTAL_DATA);
    for (const args of [[], ['--fresh']]) {
      const showing = start(own, 'demo', ...args, '--port', String(port));
      await showing.until('Press Ctrl+C to stop');
      showing.child.kill('SIGTERM');
      expect(await showing.ended).toBe(0);
    }
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
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
    await expect.poll(() => portal.json('mail', 'list', 'acme')).toHaveLength(3);
    expect(await portal.json('mail', 'list', 'acme', '--limit', '1')).toMatchObject([
      { object: 'mail', id: 3 },
    ]);
    const [receipt] = [(await portal.run('mail', 'show', 'acme', '1')).stdout];
    expect(receipt).toMatch(/Subject +Receipt R-\d+/);
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(0);
    expect(serving.stdout()).toBe('');
  });

  it('warns when a live tenant’s mail would stay in the local mailbox, and only then', async () => {
    const { portal } = await onPort();
    await portal.run('db', 'migrate');
    await portal.run('tenant', 'create', 'trial', 'Trial');
    const started = async (extra: Record<string, string> = {}): Promise<string> => {
      const serving = start({ ...portal, env: { ...portal.env, ...extra } }, 'serve');
      await serving.until('The portal listens');
      serving.child.kill('SIGTERM');
      expect(await serving.ended).toBe(0);
      return serving.stderr();
    };
    const quiet = await started();
    expect(quiet).not.toContain('WARNING');
    expect(quiet).toMatch(/Read it at http:\/\/trial\.localhost:\d+\/dev\/mail\?key=[\w-]{43} /);
    await portal.run('tenant', 'create', 'acme', 'Acme', '--mode', 'live');
    const warned = await started();
    expect(warned).toContain('WARNING: No mail is sent. It stays in the local mailbox, but acme is live');
    expect(warned).toContain('Set PORTAL_MAIL to smtp or postmark');
    const smtp = { PORTAL_MAIL: 'smtp', PORTAL_SMTP_URL: 'smtp://127.0.0.1:1' };
    expect(await started(smtp)).not.toContain('WARNING');
  });

  it('warns of an https address: of the proxy that nobody named, and of a mailbox without a page', async () => {
    const { portal } = await onPort({
      PORTAL_BASE_URL: 'https://portal.example',
      PORTAL_PORT: String(await freePort()),
    });
    await portal.run('db', 'migrate');
    await portal.run('tenant', 'create', 'trial', 'Trial');
    const started = async (extra: Record<string, string> = {}): Promise<string> => {
      const serving = start({ ...portal, env: { ...portal.env, ...extra } }, 'serve');
      await serving.until('The portal listens');
      serving.child.kill('SIGTERM');
      expect(await serving.ended).toBe(0);
      return serving.stderr();
    };
    const warned = await started();
    expect(warned).toContain('PORTAL_TRUSTED_PROXIES names none');
    expect(warned).toContain('read the mail of trial with “portal mail list”');
    expect(warned).not.toContain('/dev/mail?key=');
    const sends = { PORTAL_MAIL: 'smtp', PORTAL_SMTP_URL: 'smtp://127.0.0.1:1' };
    expect(await started({ ...sends, PORTAL_TRUSTED_PROXIES: '127.0.0.1' })).not.toContain('WARNING');
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
    await expect.poll(accent).toBe(':root{--portal-accent:#7c3aed}\n');
  });

  it('is backed up while it serves: the copy is sound, and nobody waits for it', async () => {
    const { portal, port } = await onPort();
    await portal.run('seed', 'demo');
    const serving = start(portal, 'serve');
    await serving.until('The portal listens');
    const link = (await portal.run('magic-link', 'acme', 'CUST-00001')).stdout.trim();
    await ask(link);
    const path = join(portal.data, 'copy.db');
    const backup = portal.runWith('', 'db', 'backup', path);
    const backingUp = { over: false };
    const signIns = (async () => {
      let count = 0;
      while (!backingUp.over) {
        expect((await ask(link)).status).toBe(303);
        count += 1;
      }
      return count;
    })();
    expect(await backup.finally(() => (backingUp.over = true))).toMatchObject({ code: 0, stdout: '' });
    expect(await signIns).toBeGreaterThan(1);
    const elsewhere = commandLine();
    copyFileSync(join(portal.data, 'secret.key'), join(elsewhere.data, 'secret.key'));
    expect((await elsewhere.run('db', 'restore', path)).code).toBe(0);
    expect(await elsewhere.json('db', 'check')).toMatchObject({ ok: true });
    expect(await elsewhere.json('invoice', 'list', 'acme')).toHaveLength(159);
    expect((await ask(`http://acme.localhost:${port}/login`)).status).toBe(200);
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
  it('prints, when it is ready, both portals, a link that signs in as each of three people, where the mail is, and how to stop', async () => {
    const { portal, port } = await onPort();
    const showing = start(portal, 'demo', '--port', String(port));
    await showing.until('Press Ctrl+C to stop');
    const text = showing.stdout();
    expect(text).toContain(`http://acme.localhost:${port} `);
    expect(text).toContain(`http://globex.localhost:${port} `);
    const people = [...text.matchAll(/^ {2}(\w+) at ([^:]+): .+\n {2}(http:\S+\/login\/\S+)$/gm)];
    expect(people.map(([, person, customer]) => [person, customer])).toEqual([
      ['Anna', 'Kaffeehaus Morgenrot'],
      ['Tomasz', 'Kantinenbetriebe Spreebogen'],
      ['Maria', 'Harborline Freight'],
    ]);
    for (const [, person = '', customer, link = ''] of people) {
      const signedIn = await ask(link);
      expect([signedIn.status, signedIn.location]).toEqual([303, '/']);
      const account = await ask(new URL('/', link).href, signedIn.cookie);
      expect(account.body).toContain(customer);
      expect(account.body).toContain('<h1>My account</h1>');
      expect(account.body, person).toContain('Signed in as');
    }
    const mailbox = /Mail it sent: (\S+), or “(.+) mail list acme” in another terminal/.exec(text);
    const shown = async (): Promise<string> => (await ask(mailbox?.[1] ?? '')).body;
    await expect.poll(shown, { timeout: 10_000 }).toContain('Receipt R-');
    expect(mailbox?.[2]).toBe(`PORTAL_DATA=${portal.data} npx portal`);
    expect(await portal.json('mail', 'list', 'acme')).not.toEqual([]);
    showing.child.kill('SIGINT');
    expect(await showing.ended).toBe(0);
  });

  it('a second run keeps the data, and --fresh starts over', async () => {
    const { portal, port } = await onPort();
    const runDemo = async (...more: string[]) => {
      const showing = start(portal, 'demo', '--port', String(port), ...more);
      await showing.until('Press Ctrl+C to stop');
      return { showing };
    };
    const stop = async ({ showing }: Awaited<ReturnType<typeof runDemo>>): Promise<void> => {
      showing.child.kill('SIGINT');
      expect(await showing.ended).toBe(0);
    };
    const first = await runDemo();
    const link = /http:\S+\/login\/\S+/.exec(first.showing.stdout())?.[0] ?? '';
    const { cookie } = await ask(link);
    await portal.run('settings', 'set', 'acme', 'brand.accent', '#7c3aed');
    const invoices = await portal.run('invoice', 'list', 'acme', '--json');
    await stop(first);

    const second = await runDemo();
    expect((await ask(`http://acme.localhost:${port}/`, cookie)).status).toBe(200);
    expect((await ask(link)).status).toBe(303);
    expect((await portal.run('settings', 'get', 'acme', 'brand.accent')).stdout).toBe('#7c3aed\n');
    expect(await portal.run('invoice', 'list', 'acme', '--json')).toEqual(invoices);
    await stop(second);

    const third = await runDemo('--fresh');
    expect((await ask(`http://acme.localhost:${port}/`, cookie)).status).toBe(303);
    expect((await portal.run('settings', 'get', 'acme', 'brand.accent')).stdout).toBe('#0b6e4f\n');
    expect(await portal.json('invoice', 'list', 'acme')).toHaveLength(159);
    expect((await ask(/http:\S+\/login\/\S+/.exec(third.showing.stdout())?.[0] ?? '')).status).toBe(303);
    await stop(third);
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

  it('--fresh never deletes a folder that is no demo’s', async () => {
    const { portal, port } = await onPort();
    writeFileSync(join(portal.data, 'precious.txt'), 'precious');
    const refused = await portal.run('demo', '--fresh', '--port', String(port));
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing in it was deleted'),
    });
    expect(readdirSync(portal.data)).toEqual(['precious.txt']);
  });
});

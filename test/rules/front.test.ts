import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressKey, createAddressReader, isNear } from '#src/server/client-address.ts';
import { acceptedCoding } from '#src/server/compression.ts';
import { createRateLimiter } from '#src/server/limits.ts';
import { createLineLog, logLine, redactPath } from '#src/server/log.ts';
import { canonicalPath, isUnder } from '#src/server/path.ts';

describe('canonical paths', () => {
  test('an accepted path means the same to every decoder, however often it is applied', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%',
      '2f',
      '%2F',
      '%5c',
      '%25',
      '%41',
      '%C3%A9',
      'a',
      'pay',
      '\\',
      ';',
      '?',
      '%00',
      '#',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const target = `/${pieces.join('')}`;
        const path = canonicalPath(target);
        if (path === undefined) return;
        const decoded = decodeURIComponent(path);
        expect(decodeURIComponent(decoded)).toBe(decoded);
        expect(decoded.split('/').length).toBe(path.split('/').length);
        expect(new URL(target, 'http://a.test').pathname).toBe(path);
      }),
      { numRuns: 5_000 },
    );
  });

  test('ordinary addresses are accepted', () => {
    for (const path of [
      '/',
      '/pay',
      '/invoices/a1B2',
      '/login/e30.e30.x-_',
      '/a%20b',
      '/%C3%A9',
      '/.well-known/x',
      '/a.csv',
    ]) {
      expect(canonicalPath(`${path}?q=%zz&x=//`), path).toBe(path);
    }
  });

  test('a prefix covers itself and what is below it, not its longer neighbours', () => {
    expect([isUnder('/pay', '/pay'), isUnder('/pay/1', '/pay'), isUnder('/payments', '/pay')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('client addresses', () => {
  test.each([
    [['10.0.0.1'], '10.0.0.1', '1.1.1.1', '1.1.1.1'],
    [['10.0.0.1'], '::ffff:10.0.0.1', '1.1.1.1, 2.2.2.2', '2.2.2.2'],
    [['10.0.0.0/8'], '10.9.9.9', '6.6.6.6, 2.2.2.2, 10.1.1.1', '2.2.2.2'],
    [['10.0.0.0/8'], '10.9.9.9', '6.6.6.6, nonsense, 10.1.1.1', '10.1.1.1'],
    [['10.0.0.0/8'], '10.9.9.9', '', '10.9.9.9'],
    [['10.0.0.0/8'], '10.9.9.9', '1.2.3.4:5678', '1.2.3.4'],
    [['10.0.0.0/8'], '10.9.9.9', '1.2.3.4:123456', '10.9.9.9'],
    [['10.0.0.0/8'], '10.9.9.9', '1.2.3.4:80, ', '10.9.9.9'],
    [['fd00::/8'], 'fd00::1', '[2001:db8::7]:443', '2001:db8::7'],
    [['10.0.0.1'], '9.9.9.9', '1.1.1.1', '9.9.9.9'],
    [[], '127.0.0.1', '1.1.1.1', '127.0.0.1'],
  ])('with %j trusted, %s saying %j is %s', (trusted, peer, forwarded, client) => {
    expect(createAddressReader(trusted).clientOf(peer, forwarded)).toBe(client);
  });

  test('a proxy that is no address is refused by name', () => {
    for (const entry of ['nginx', '10.0.0.0/33', '10.0.0.0/', '::/129']) {
      expect(() => createAddressReader([entry]), entry).toThrow(entry);
    }
  });

  test('nearby is this machine and private networks', () => {
    const near = ['127.0.0.1', '::1', '::ffff:10.0.0.1', '172.31.0.1', '192.168.1.1', 'fd00::1'];
    expect(near.filter(isNear)).toEqual(near);
    expect(['8.8.8.8', '172.32.0.1', '2001:db8::1', '', undefined].filter(isNear)).toEqual([]);
  });

  test('an IPv6 network shares one key however its addresses are written', () => {
    const key = addressKey('2001:db8:0:0:1::1');
    expect(key).toBe('2001:db8:0:0::/64');
    for (const same of ['2001:db8::1', '2001:0DB8:0000:0000:ffff::', '2001:db8::'])
      expect(addressKey(same)).toBe(key);
    expect(addressKey('2001:db8:0:1::1')).not.toBe(key);
    expect([addressKey('1.2.3.4'), addressKey('::1'), addressKey('fe80::1%eth0')]).toEqual([
      '1.2.3.4',
      '0:0:0:0::/64',
      'fe80:0:0:0::/64',
    ]);
  });
});

describe('rate limits', () => {
  test('no more than the burst plus what time refilled is ever allowed', () => {
    const steps = fc.array(fc.nat({ max: 5_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 8 }), (waits, burst) => {
        let now = 0;
        let allowed = 0;
        const limiter = createRateLimiter(() => now);
        for (const wait of waits) {
          now += wait;
          const taken = limiter.take('try', 'key', { burst, seconds: 10 });
          if (taken.allowed) allowed += 1;
          expect(taken.allowed || taken.retryAfterSeconds >= 1).toBe(true);
        }
        expect(allowed).toBeLessThanOrEqual(burst + (now * burst) / 10_000 + 1e-6);
      }),
    );
  });

  test('waiting as long as said is enough', () => {
    let now = 0;
    const limiter = createRateLimiter(() => now);
    const rule = { burst: 3, seconds: 100 };
    for (let at = 0; at < 3; at += 1) expect(limiter.take('a', 'k', rule).allowed).toBe(true);
    const refused = limiter.take('a', 'k', rule);
    expect(refused).toEqual({ allowed: false, retryAfterSeconds: 34 });
    now += 34_000;
    expect(limiter.take('a', 'k', rule).allowed).toBe(true);
    expect(limiter.take('a', 'other', rule).allowed).toBe(true);
  });

  test('a flood of keys forgets the oldest and stays small', () => {
    const limiter = createRateLimiter(() => 0, 2);
    const rule = { burst: 1, seconds: 1 };
    for (const key of ['a', 'b', 'c']) expect(limiter.take('x', key, rule).allowed).toBe(true);
    expect(limiter.take('x', 'c', rule).allowed).toBe(false);
    expect(limiter.take('x', 'a', rule).allowed).toBe(true);
  });
});

describe('the log', () => {
  const entry = { event: 'error', at: 0, id: 'i', path: '/', error: '' } as const;

  test('an entry is one line of JSON without controls, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (error) => {
        const line = logLine({ ...entry, error });
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
        expect(JSON.parse(line)).toMatchObject({ error, at: '1970-01-01T00:00:00.000Z' });
      }),
      { numRuns: 1_000 },
    );
  });

  test('tokens are masked and ids stay', () => {
    expect(redactPath('/login/abc')).toBe('/login/***');
    expect(redactPath('/login/e/abc/def')).toBe('/login/***');
    expect(redactPath('/login')).toBe('/login');
    expect(redactPath(`/invoices/${'a'.repeat(24)}/pdf`)).toBe(`/invoices/${'a'.repeat(24)}/pdf`);
    expect(redactPath(`/x/${'a'.repeat(43)}`)).toBe('/x/***');
    expect(redactPath(`/x/${'a'.repeat(33)}`)).toBe('/x/***');
    expect(redactPath(`/x/${'a'.repeat(32)}`)).toBe(`/x/${'a'.repeat(32)}`);
  });

  test('lines are gathered and written in order when flushed', () => {
    const written: string[] = [];
    const log = createLineLog((text) => written.push(text), 60_000);
    log({ ...entry, id: 'one' });
    log({ ...entry, id: 'two' });
    expect(written).toEqual([]);
    log.flush();
    log.flush();
    expect(written).toHaveLength(1);
    expect(written[0]?.split('\n').map((line) => line && JSON.parse(line).id)).toEqual(['one', 'two', '']);
  });
});

test('a client gets only a coding it accepts', () => {
  expect(acceptedCoding('gzip, deflate, br, zstd', 'now')).toBe('zstd');
  expect(acceptedCoding('gzip, deflate, br, zstd', 'forever')).toBe('br');
  expect(acceptedCoding('gzip, deflate, br, zstd;q=0', 'now')).toBe('br');
  expect(acceptedCoding('gzip;q=1, br;q=0.0', 'now')).toBe('gzip');
  expect([undefined, 'identity', 'brx, xgzip'].map((text) => acceptedCoding(text, 'now'))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentSecurityPolicy, isSource } from '#src/server/csp.ts';

const kinds = ['script', 'style', 'image', 'font', 'frame', 'connect', 'form'] as const;

function directives(policy: string): Map<string, string[]> {
  return new Map(
    policy.split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
}

describe('the content security policy', () => {
  test('a trusted site adds itself to its own directive and nothing else, whatever is written', () => {
    const bare = directives(contentSecurityPolicy('content', {}, { secure: true }));
    const piece = fc.constantFrom(
      'https://',
      'a.example',
      '*.',
      '/x',
      ';',
      ',',
      "'",
      ' ',
      '*',
      'data:',
      "'unsafe-inline'",
      'script-src',
      ':443',
      '\n',
      '"',
      'http://',
      'é',
      '@',
      '?q',
      "'nonce-a'",
      '\u00a0',
    );
    const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, fc.constantFrom(...kinds), (site, kind) => {
        const policy = contentSecurityPolicy('content', { trusted: { [kind]: [site] } }, { secure: true });
        const built = directives(policy);
        const added = [...built].flatMap(([name, sources]) =>
          sources.filter((source) => !(bare.get(name) ?? []).includes(source)).map((source) => source),
        );
        expect(added).toEqual(isSource(site) ? [site] : []);
        expect([...built.keys()].filter((name) => !bare.has(name))).toEqual([]);
        expect(policy).not.toMatch(/unsafe|nonce|\n/);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['https://cdn.example.com', true],
    ['https://*.example.com', true],
    ['https://cdn.example.com:8443/js/', true],
    ['https://*.com', false],
    ['https://*', false],
    ['https://localhost', false],
    ['https://10.0.0.1', false],
    ['http://cdn.example.com', false],
    ['https://a.*.example.com', false],
    ['https://cdn.example.com:0', false],
    ['https://cdn.example.com:1', true],
    ['https://cdn.example.com:65535/x', true],
    ['https://cdn.example.com:65536/x', false],
    ['https://cdn.example.com:70000/x', false],
    ['https://user@example.com', false],
    ['https://cdn.example.com/a;b', false],
    ['data:', false],
    ["'unsafe-eval'", false],
  ])('%s as a source: %s', (text, allowed) => {
    expect(isSource(text)).toBe(allowed);
  });

  test('no list of sites makes the header grow without bound', () => {
    const many = Array.from({ length: 500 }, (_, at) => `https://s${at}.example.com`);
    const policy = contentSecurityPolicy('content', { trusted: { image: many } }, { secure: false });
    expect(directives(policy).get('img-src')).toHaveLength(32);
  });

  test('our own scripts alone come with trusted types', () => {
    const own = contentSecurityPolicy('core', {}, { secure: false });
    const foreign = contentSecurityPolicy(
      'core',
      { gateway: { script: ['https://js.gateway.example'] } },
      { secure: false },
    );
    expect(own).toContain("require-trusted-types-for 'script'");
    expect(foreign).not.toContain('trusted-types');
  });
});

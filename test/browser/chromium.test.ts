import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '#test/support/chromium.ts';

let browser: Browser;
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `script-src 'self'`,
    });
    response.end(
      `<title>quiet</title><script>document.title = 'inline script ran'</script><h1>Grüße, Łódź</h1>`,
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('No TCP address.');
  address = `http://acme.localhost:${bound.port}/`;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  server.close();
});

test('the browser of the tests enforces a content security policy, and knows names below localhost', async () => {
  const page = await browser.newPage();
  await page.goto(address);
  expect(await page.title()).toBe('quiet');
  expect(await page.textContent('h1')).toBe('Grüße, Łódź');
});

test('two people use the browser at once without sharing cookies', async () => {
  const [ann, ben] = await Promise.all([browser.newContext(), browser.newContext()]);
  await ann.addCookies([{ name: 'who', value: 'ann', url: address }]);
  expect(await ann.cookies(address)).toHaveLength(1);
  expect(await ben.cookies(address)).toHaveLength(0);
});

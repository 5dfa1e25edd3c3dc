import { readSignedWebhook } from '#src/adapters/test-gateway-webhooks.ts';
import type { Gateway } from '#src/payments/gateways/gateway.ts';
import { request } from 'node:http';

/** The gateway behind a port of this machine, asked over HTTP like any gateway. A lost or broken answer throws. */
export function farGateway(port: () => number): Gateway {
  const ask =
    (operation: string) =>
    async (...args: unknown[]): Promise<never> =>
      (JSON.parse(await post(port(), operation, JSON.stringify(args))) ?? undefined) as never;
  return {
    name: 'test',
    identify: ask('identify'),
    kinds: ['card', 'bank_account'],
    stepOf: () => 1,
    charge: ask('charge'),
    answerChallenge: ask('answerChallenge'),
    lookup: ask('lookup'),
    close: ask('close'),
    setup: ask('setup'),
    answerSetup: ask('answerSetup'),
    lookupSetup: ask('lookupSetup'),
    verify: ask('verify'),
    forget: ask('forget'),
    refund: ask('refund'),
    lookupRefund: ask('lookupRefund'),
    // What signs a webhook is known here: nobody is asked.
    readWebhook: async (webhook) => [readSignedWebhook(webhook)],
  };
}

function post(port: number, operation: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method: 'POST', path: `/${operation}`, agent: false };
    const sent = request({ ...options, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200 && response.complete) resolve(text);
        else reject(new Error(`the gateway answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error('the gateway is silent')));
    sent.end(body);
  });
}

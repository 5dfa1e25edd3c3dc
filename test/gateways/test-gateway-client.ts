import type { Gateway } from '#src/payments/gateways/gateway.ts';
import { readSignedWebhook } from '#src/adapters/test-gateway-webhooks.ts';

const TIMEOUT_MS = 10_000;

/** The test gateway in a process of its own (see test-gateway-server.ts), at this address. Everything it is asked may be lost on the way. */
export function testGatewayAt(address: URL): Gateway {
  const ask = async <Answer>(operation: string, request: object): Promise<Answer> => {
    const answer = await fetch(new URL(`/${operation}`, address), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new Error(`the test gateway answered ${answer.status}`);
    const { reply } = (await answer.json()) as { reply?: Answer };
    // Only the lookups and `forget` answer nothing, and their types say so.
    return reply as Answer;
  };
  return {
    name: 'test',
    identify: () => Promise.resolve('test'),
    kinds: ['card', 'bank_account'],
    stepOf: () => 1,
    charge: (request) => ask('charge', request),
    answerChallenge: (account, attemptId, passed) => ask('answer_challenge', { account, attemptId, passed }),
    lookup: (account, attemptId) => ask('lookup', { account, attemptId }),
    close: (account, attemptId) => ask('close', { account, attemptId }),
    setup: (request) => ask('setup', request),
    answerSetup: (reference, passed) => ask('answer_setup', { ...reference, passed }),
    lookupSetup: (reference) => ask('lookup_setup', reference),
    verify: (account, gatewayId, amounts) => ask('verify', { account, gatewayId, amounts }),
    forget: (account, gatewayId) => ask('forget', { account, gatewayId }),
    refund: (request) => ask('refund', request),
    lookupRefund: (request) => ask('lookup_refund', request),
    readWebhook: async (request) => [readSignedWebhook(request)],
  };
}

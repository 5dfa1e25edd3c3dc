import { describe } from 'vitest';
import { offline } from '#src/adapters/offline.ts';
import { keepsThePromises, takesNothing } from './conformance.ts';
import { stripeOnTheBench } from './stripe-bench.ts';
import { testGatewayApart, testGatewayHere } from './test-bench.ts';

describe('the test gateway as a library', () => {
  keepsThePromises(testGatewayHere);
});

describe('the test gateway as a process of its own', () => {
  keepsThePromises(testGatewayApart());
});

describe('offline, which takes no money', () => {
  takesNothing(offline);
});

describe('Stripe', () => {
  keepsThePromises(stripeOnTheBench);
});

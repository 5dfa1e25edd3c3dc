import { describe } from 'vitest';
import { keepsThePromises } from './conformance.ts';
import { stripeOnTheBench } from './stripe-bench.ts';
import { testGatewayApart, testGatewayHere } from './test-bench.ts';

describe('the test gateway as a library', () => {
  keepsThePromises(testGatewayHere);
});

describe('the test gateway as a process of its own', () => {
  keepsThePromises(testGatewayApart());
});

describe('Stripe', () => {
  keepsThePromises(stripeOnTheBench);
});

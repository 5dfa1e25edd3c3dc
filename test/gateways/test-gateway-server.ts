import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type {
  ChargeRequest,
  GatewayAccount,
  GatewayReply,
  RefundReply,
  RefundRequest,
  SetupReply,
  SetupRequest,
} from '#src/payments/gateways/gateway.ts';
import type { TestGateway } from '#src/adapters/test-gateway.ts';

export interface TestGatewayServer {
  /** `http://127.0.0.1:…` */
  readonly address: URL;
  close(): Promise<void>;
}

interface Asked extends ChargeRequest, SetupRequest, RefundRequest {
  readonly account: GatewayAccount;
  readonly passed: boolean;
  readonly gatewayId: string;
  readonly amounts: readonly [number, number];
}

const MOST_BYTES = 65_536;

/**
 * Serves the test gateway on the loopback interface, so that it can live, and die, apart from the portal. What the gateway's faults lose is
 * lost here as a network loses it: the connection breaks without an answer. `GET /book` and `GET /refunds` tell what it has booked.
 */
export async function serveTestGateway(gateway: () => TestGateway): Promise<TestGatewayServer> {
  const server = createServer((request, response) => void answer(gateway(), request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return { address: new URL(`http://127.0.0.1:${bound}`), close: () => closed(server) };
}

async function answer(
  gateway: TestGateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const operation = request.url?.slice(1) ?? '';
    const reply =
      request.method === 'GET'
        ? told(gateway, operation)
        : await perform(gateway, operation, JSON.parse(await bodyOf(request)));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ reply }));
  } catch {
    request.socket.destroy();
  }
}

function told(gateway: TestGateway, what: string): unknown {
  if (what === 'book') return gateway.book();
  return what === 'refunds' ? gateway.refunds() : {};
}

function perform(
  gateway: TestGateway,
  operation: string,
  asked: Asked,
): Promise<GatewayReply | SetupReply | RefundReply | undefined | void> {
  const { account, attemptId, gatewayId } = asked;
  switch (operation) {
    case 'charge':
      return gateway.charge(asked);
    case 'answer_challenge':
      return gateway.answerChallenge(account, attemptId, asked.passed);
    case 'lookup':
      return gateway.lookup(account, attemptId);
    case 'close':
      return gateway.close(account, attemptId);
    case 'setup':
      return gateway.setup(asked);
    case 'answer_setup':
      return gateway.answerSetup(asked, asked.passed);
    case 'lookup_setup':
      return gateway.lookupSetup(asked);
    case 'verify':
      return gateway.verify(account, gatewayId, asked.amounts);
    case 'forget':
      return gateway.forget(account, gatewayId);
    case 'refund':
      return gateway.refund(asked);
    case 'lookup_refund':
      return gateway.lookupRefund(asked);
    default:
      return Promise.reject(new Error(`there is no operation ${operation}`));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

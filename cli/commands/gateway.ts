import type { Command } from 'commander';
import { gatewayConnectionShape } from '#src/api/shapes.ts';
import { connect, disconnect } from '#src/payments/gateways/connections.ts';
import {
  CONNECTED_GATEWAYS,
  type ConnectedGateway,
  gatewayConnection,
  type GatewayConnection,
} from '#src/tenants/gateway-keys.ts';
import type { GatewayKeys } from '#src/tenants/gateway-credentials.ts';
import { readText } from '../files.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, examples, json } from '../options.ts';
import { printFacts, printJson, say } from '../output.ts';

interface ConnectOptions extends JsonOption {
  readonly keys: string;
}

const KEYS = `
The keys are read from standard input, or from a file, one a line:
  secret_key=sk_…            of the dashboard, or a restricted key
  publishable_key=pk_…       of the dashboard
  webhook_secret=whsec_…     of the webhook endpoint for the address that “show” prints`;

export function setup(group: Command): void {
  const add = group
    .command('connect')
    .description('Connect a tenant to its own account at a gateway, which takes its payments from now on')
    .argument('<tenant>')
    .addArgument(gatewayArgument(group))
    .option('--keys <file>', 'where the keys are; - is standard input', '-')
    .addHelpText('after', KEYS)
    .action(connectOne);
  json(examples(add, 'portal gateway connect acme stripe < stripe.keys'));
  const show = group
    .command('show')
    .description('Show a connection, and where the gateway is to send its webhooks; nothing secret')
    .argument('<tenant>')
    .addArgument(gatewayArgument(group))
    .action(showOne);
  json(examples(show, 'portal gateway show acme stripe'));
  const end = group
    .command('disconnect')
    .description('Forget the keys; nobody takes payments then')
    .argument('<tenant>')
    .addArgument(gatewayArgument(group))
    .action(disconnectOne);
  json(examples(end, 'portal gateway disconnect acme stripe'));
}

function gatewayArgument(group: Command) {
  return group.createArgument('<gateway>').choices(CONNECTED_GATEWAYS);
}

async function connectOne(
  username: string,
  gateway: ConnectedGateway,
  options: ConnectOptions,
): Promise<void> {
  // A secret on the command line would stand in the list of processes and in the shell's history, so it comes another way.
  const keys = keysIn(await readText(options.keys));
  const connection = await withMerchant(username, (merchant) => connect(merchant, gateway, keys));
  print(connection, options);
  say(`${gateway} takes the payments of ${username} from now on.`);
}

async function showOne(username: string, gateway: ConnectedGateway, options: JsonOption): Promise<void> {
  print(await withMerchant(username, (merchant) => gatewayConnection(merchant, gateway)), options);
}

async function disconnectOne(
  username: string,
  gateway: ConnectedGateway,
  { json: asJson }: JsonOption,
): Promise<void> {
  await withMerchant(username, (merchant) => disconnect(merchant, gateway));
  if (asJson) return printJson({ gateway, connected: false });
  say(`The keys are forgotten, and nobody takes the payments of ${username}.`);
}

function print(connection: GatewayConnection, { json: asJson }: JsonOption): void {
  if (asJson) return printJson(gatewayConnectionShape(connection));
  printFacts([
    ['Gateway', connection.gateway],
    ['Mode', connection.mode],
    ['Account', connection.account ?? ''],
    ['Publishable key', connection.publishableKey],
    ['Secret key', `…${connection.hint}`],
    ['Webhooks to', connection.webhookAddress],
  ]);
}

function keysIn(lines: string): GatewayKeys {
  const given = new Map(
    lines.split(/\r?\n/).flatMap((line) => {
      const [, name = '', value = ''] = /^\s*(\w+)\s*=\s*(\S*)\s*$/.exec(line) ?? [];
      return name === '' ? [] : [[name, value] as const];
    }),
  );
  return {
    secretKey: given.get('secret_key') ?? '',
    publishableKey: given.get('publishable_key') ?? '',
    webhookSecret: given.get('webhook_secret') ?? '',
  };
}

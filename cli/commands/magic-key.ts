import type { Command } from 'commander';
import { magicLinkKeyShape } from '#src/api/shapes.ts';
import { parseDuration } from '#src/kernel/time.ts';
import type { MerchantScope } from '#src/scope.ts';
import { currentMagicLinkKey, type MagicLinkKey, rotateMagicLinkKey } from '#src/tenants/keys.ts';
import { withMerchant } from '../installation.ts';
import { type JsonOption, examples, json } from '../options.ts';
import { printJson, say, write } from '../output.ts';

interface RotateOptions extends JsonOption {
  readonly grace: string;
}

export function setup(group: Command): void {
  const show = group
    .command('show')
    .description('Print the key that magic links are signed with (HS256); keep it on your servers')
    .argument('<tenant>')
    .action((username: string, options: JsonOption) => print(username, options, currentMagicLinkKey));
  json(examples(show, 'portal magic-key show acme'));
  const rotate = group
    .command('rotate')
    .description('Make a new key; links signed with the old one work for a while longer')
    .argument('<tenant>')
    .option('--grace <duration>', 'how long the old key still counts; 0s ends it and its sessions now', '24h')
    .action(rotateKey);
  json(examples(rotate, 'portal magic-key rotate acme --grace 1h'));
}

async function rotateKey(username: string, options: RotateOptions): Promise<void> {
  const grace = parseDuration(options.grace);
  await print(username, options, (merchant) => rotateMagicLinkKey(merchant, grace));
  say(grace === 0 ? 'The old keys do not count any more.' : `The old key counts for ${options.grace} more.`);
}

async function print(
  username: string,
  { json: asJson }: JsonOption,
  work: (merchant: MerchantScope) => Promise<MagicLinkKey>,
): Promise<void> {
  const key = await withMerchant(username, work);
  if (asJson) printJson(magicLinkKeyShape(key));
  else write(`${key.key}\n`);
}

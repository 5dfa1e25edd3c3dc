import { expect } from 'vitest';
import type { Engine } from '#db/migrations/migration.ts';
import type { Finished } from '#test/cli/command-line.ts';
import { portalIn } from './in-process.ts';
import { fingerprintOf } from './mirror.ts';
import { type OpenPortal, openPortal, Visitor } from './portal.ts';
import type { House } from './house.ts';

/** The merchant of a tenant at their terminal. Words of a command line are parted by blanks. */
export interface Merchant {
  run(line: string): Promise<Finished>;
  /** What it printed; it must have gone well. */
  words(line: string): Promise<string>;
  json<Answer = Record<string, unknown>>(line: string): Promise<Answer>;
  /** The command is refused with these words and the exit code 1, prints no data, and leaves the tenant's rows as they are, byte for byte. */
  refused(line: string, said: RegExp | string): Promise<void>;
}

export function merchantAt(house: House, tenantId = 1): Merchant {
  const portal = portalIn(house);
  const run = (line: string): Promise<Finished> => portal(line.split(' '));
  const words = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await run(line);
    expect([code, code === 0 ? '' : stderr], line).toEqual([0, '']);
    return stdout.trim();
  };
  return {
    run,
    words,
    json: async (line) => JSON.parse(await words(`${line} --json`)),
    refused: async (line, said) => {
      const before = await fingerprintOf(house, tenantId);
      const { code, stdout, stderr } = await run(line);
      expect({ code, stdout }, `${line}: ${stderr}`).toEqual({ code: 1, stdout: '' });
      expect(stderr, line).toMatch(said);
      expect(await fingerprintOf(house, tenantId), line).toBe(before);
    },
  };
}

/** A customer who follows a link that the merchant printed, in the tenant's own time. */
export async function customerWithLink(
  { portal }: OpenPortal,
  merchant: Merchant,
  tenant = 'acme',
  customer = 'CUST-00001',
): Promise<Visitor> {
  const link = new URL(await merchant.words(`magic-link ${tenant} ${customer}`));
  const visitor = new Visitor(link.origin, portal.port);
  await visitor.get(link.pathname);
  return visitor;
}

/** A business and a customer of it, who meet as they do in life: the one at a terminal, the other on the pages. */
export interface Trade {
  readonly open: OpenPortal;
  readonly merchant: Merchant;
  /** The customer comes to the pages with a new link, whatever day it is by then. */
  comes(): Promise<Visitor>;
}

/**
 * The test tenant `acme` in Berlin, in euros, with the customer `CUST-00001`, made with commands. Its time is its test clock's, which stands at the
 * start of a day until it is moved.
 */
export async function aTrade(engine: Engine, day = '2026-11-23'): Promise<Trade> {
  const open = await openPortal(engine, { sharedBook: true });
  const merchant = merchantAt(open);
  await merchant.words('tenant create acme Acme --currency EUR --time-zone Europe/Berlin --country DE');
  await merchant.words(`clock set acme ${day}`);
  await merchant.words('customer create acme Müller --email petra@mueller.example --country DE');
  return { open, merchant, comes: () => customerWithLink(open, merchant) };
}

/** The last part of the address of a document, as commands answer it: its page is found by it. */
export function clientIdOf({ url }: { readonly url?: unknown }): string {
  return String(url).split('/').at(-1)!;
}

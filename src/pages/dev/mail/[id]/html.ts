import type { APIRoute } from 'astro';
import { findInMailbox } from '#src/outbox/mailbox.ts';
import { assertMailboxVisible } from '#src/web/dev-mail.ts';
import { rowIdOf } from '#src/web/ids.ts';

/** A mail as its reader's program shows it. The front sends it with a policy under which nothing runs and nothing is fetched. */
export const GET: APIRoute = async ({ locals, params, url }) => {
  assertMailboxVisible(locals, url.searchParams);
  const { html } = await findInMailbox(locals.merchant, rowIdOf(params['id'], 'mail'));
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });
};

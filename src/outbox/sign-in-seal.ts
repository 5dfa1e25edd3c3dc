import { z } from 'zod';
import type { MerchantScope } from '../scope.ts';
import { urls } from '#src/portal/urls.ts';

/** Everything the letter with topic `sign_in` says. */
export interface SignInMail {
  /** Opens the page with the button. */
  readonly url: string;
  /** Six characters to type instead. */
  readonly code: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly requestedAt: number;
  /** Client address of whoever asked. */
  readonly address: string;
  readonly language?: string | undefined;
}

/** What a `sign_in` mail is queued with: its secrets wait in the outbox only as this. */
export interface SealedSignIn {
  readonly sealed: string;
}

const SEAL = 'mail:sign_in';
const Payload = z.object({ sealed: z.string() });
const Content = z.object({
  token: z.string().regex(/^[\w-]+$/),
  code: z.string(),
  expiresAt: z.number(),
  requestedAt: z.number(),
  address: z.string(),
  language: z.string().optional(),
});

/** Seals what the letter will say for the tenant. The link is made of the token when the mail leaves. */
export function sealSignInMail(
  { secrets, tenant }: MerchantScope,
  { token, ...words }: Omit<SignInMail, 'url'> & { readonly token: string },
): SealedSignIn {
  return { sealed: secrets.seal(SEAL, tenant.id, JSON.stringify({ token, ...words })) };
}

/** Opens the payload of a queued `sign_in` mail. Throws when it was sealed for another tenant. */
export function openSignInMail({ secrets, tenant }: MerchantScope, payload: unknown): SignInMail {
  const { sealed } = Payload.parse(payload);
  const { token, ...words } = Content.parse(JSON.parse(secrets.open(SEAL, tenant.id, sealed)));
  return { ...words, url: tenant.origin + urls.emailLink(token) };
}

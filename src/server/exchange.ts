import type { IncomingMessage } from 'node:http';
import type { TenantSources } from './csp.ts';
import type { FrontResponse } from './front-response.ts';
import type { LimitRule } from '#src/portal/page.ts';
import type { RateLimiter } from './limits.ts';
import type { ServerLimits } from './listener.ts';
import type { FrontLogEntry } from './log.ts';
import type { PageRule } from './pages.ts';
import type { Problem } from './problems.ts';

/** What the front must know of a tenant. Records are taken as immutable: a change is a new object. */
export interface FrontTenant {
  readonly username: string;
  /** Scheme, host and, where it is not the default, port: `https://pay.example.com`. Decides what is secure. */
  readonly canonicalOrigin: string;
}

/** What pages and direct handlers may believe about a request; nothing of it is the client's word. */
export interface RequestFacts {
  /** Shown as the incident id, sent as X-Request-Id, written to the log. */
  readonly requestId: string;
  readonly clientAddress: string;
  /** The key for rate limits by address: the IPv4 address or the IPv6 /64 network. */
  readonly limitKey: string;
  /** True when the tenant's canonical origin is https. */
  readonly secure: boolean;
  /** Milliseconds as `now()` gave them. */
  readonly startedAt: number;
}

/** A path prefix answered without the page framework: downloads, webhooks, the API. */
export interface DirectRoute<T extends FrontTenant> {
  readonly prefix: string;
  /** Default GET, HEAD and POST. */
  readonly methods?: readonly string[];
  /** Bytes; default 64 KiB. */
  readonly bodyCap?: number;
  /** For each client address and method; default that of a page's forms. */
  readonly limit?: LimitRule;
  /** True where cookies mean nothing: they are removed, and the CSRF gate has nothing to protect. */
  readonly cookieBlind?: boolean;
  /** Refusals of the front are answered as problem+json instead of a page. */
  readonly json?: boolean;
  readonly handle: (
    request: IncomingMessage,
    response: FrontResponse,
    context: { readonly tenant: T; readonly facts: RequestFacts; readonly body: Buffer },
  ) => unknown;
}

/** The handler a built Astro site exports in middleware mode. It reads the body from `request.body`. */
export type PageHandler = (
  request: IncomingMessage & { readonly body: Buffer },
  response: FrontResponse,
  next: (error?: unknown) => void,
  locals: object,
) => unknown;

/** Everything the front is given. */
export interface FrontOptions<T extends FrontTenant> {
  /** The tenant at a lower-case host name without port; undefined is answered with 421. Called per request. */
  readonly tenantOf: (host: string) => T | undefined | Promise<T | undefined>;
  readonly pages: PageHandler;
  readonly localsFor: (tenant: T, facts: RequestFacts) => object | Promise<object>;
  /** The tenant's own stylesheet, served as `/theme-{hash}.css`. */
  readonly stylesheet?: (tenant: T) => Promise<{ readonly hash: string; readonly css: string } | undefined>;
  readonly sourcesFor?: (tenant: T) => TenantSources;
  readonly direct?: readonly DirectRoute<T>[];
  /** The folder of built client files; read once, into memory. */
  readonly assetsDir: string;
  /** Addresses or CIDR blocks whose forwarded headers count. */
  readonly trustedProxies: readonly string[];
  readonly log: (entry: FrontLogEntry) => void;
  /** Told once of each proxy nearby that forwards requests without being trusted: everybody behind it counts as one client. */
  readonly unnamedProxy?: (peer: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The HTML page for a problem; when it throws, a plain page takes its place. */
  readonly errorPage?: (problem: Problem, tenant: T | undefined) => string;
  /** Counts what clients do; by default in this process alone. */
  readonly limiter?: RateLimiter;
  readonly limits?: Partial<ServerLimits>;
}

/** One request on its way through the front. */
export interface Exchange<T extends FrontTenant> {
  readonly request: IncomingMessage;
  readonly response: FrontResponse;
  /** The canonical path without query; empty when the target was not canonical. */
  readonly path: string;
  /** What holds for the page at the path. */
  readonly rule: PageRule;
  /** Lower-case, without port; empty when unreadable. */
  readonly host: string;
  readonly method: string;
  readonly requestId: string;
  readonly startedAt: number;
  readonly client: string;
  /** X-Forwarded-Proto as a trusted proxy set it. */
  readonly forwardedProto: string | string[] | undefined;
  tenant: T | undefined;
  direct: DirectRoute<T> | undefined;
}

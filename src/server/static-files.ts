import { IMMUTABLE, makeAsset, sendAsset } from './assets.ts';
import type { Asset, Assets } from './assets.ts';
import type { Exchange, FrontOptions, FrontTenant } from './exchange.ts';

/** Answers a GET or HEAD for a file; false when it is something else that is asked for. */
export interface FileServer<T extends FrontTenant> {
  /** For the files that every tenant has. */
  built(exchange: Exchange<T>): boolean;
  /** For those and the tenant's own. */
  of(exchange: Exchange<T>, tenant: T): boolean | Promise<boolean>;
}

const THEME = /^\/theme-([A-Za-z0-9_-]{1,64})\.css$/;
const CSS = 'text/css; charset=utf-8';

/** Serves the built files and each tenant's stylesheet. A theme address of yesterday gives today's, uncached. */
export function createFileServer<T extends FrontTenant>(
  assets: Assets,
  stylesheet: FrontOptions<T>['stylesheet'],
): FileServer<T> {
  const themes = new WeakMap<T, { readonly hash: string; readonly asset: Asset }>();
  const serveTheme = async (exchange: Exchange<T>, tenant: T, asked: string): Promise<boolean> => {
    const sheet = await stylesheet?.(tenant);
    if (sheet === undefined) return false;
    let theme = themes.get(tenant);
    if (theme?.hash !== sheet.hash) {
      theme = { hash: sheet.hash, asset: makeAsset(Buffer.from(sheet.css), CSS, IMMUTABLE) };
      themes.set(tenant, theme);
    }
    send(
      exchange,
      asked === sheet.hash ? theme.asset : { ...theme.asset, cacheControl: 'private, no-store' },
    );
    return true;
  };
  const built = (exchange: Exchange<T>): boolean => {
    const asset = exchange.method === 'POST' ? undefined : assets.get(exchange.path);
    if (asset !== undefined) send(exchange, asset);
    return asset !== undefined;
  };
  return {
    built,
    of(exchange, tenant) {
      if (built(exchange)) return true;
      const asked = exchange.path.startsWith('/theme-') ? THEME.exec(exchange.path)?.[1] : undefined;
      return asked === undefined ? false : serveTheme(exchange, tenant, asked);
    },
  };
}

function send<T extends FrontTenant>(exchange: Exchange<T>, asset: Asset): void {
  if (exchange.response.plan !== undefined) exchange.response.plan.ownsCaching = true;
  sendAsset(exchange.request, exchange.response, asset);
}

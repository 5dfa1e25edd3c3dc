import { fileURLToPath } from 'node:url';
import node from '@astrojs/node';
import { defineConfig, passthroughImageService } from 'astro/config';
import manifest from './package.json' with { type: 'json' };

const root = fileURLToPath(new URL('.', import.meta.url));
/** What Astro may bundle: views. Everything else of ours is loaded at run time, from the same files as the CLI. */
const views = /^src\/(?:pages|components|layouts|islands|styles)\/|^src\/(?:middleware\.ts|env\.d\.ts)$/;
/** Packages loaded at run time, one copy each: all but Astro itself and what renders islands. */
const packages = Object.keys(manifest.dependencies).filter(
  (name) => !/^(?:astro$|@astrojs\/|preact)/.test(name),
);

export default defineConfig({
  output: 'server',
  adapter: node({
    mode: 'middleware',
    // A backstop: the front refuses larger bodies, route by route, before they come here.
    bodySizeLimit: 2 * 1024 * 1024,
    // A page that fails half-way must answer 500, not 200 with a broken end.
    experimentalDisableStreaming: true,
  }),
  session: false,
  image: { service: passthroughImageService() },
  devToolbar: { enabled: false },
  build: { inlineStylesheets: 'never' },
  compressHTML: true,
  security: {
    // The second wall behind the front's own gate. The front fixes host and x-forwarded-proto before Astro sees
    // them, and custom domains are not known at build time: hence any domain.
    checkOrigin: true,
    allowedDomains: [{}],
  },
  vite: {
    build: { assetsInlineLimit: 0 },
    ssr: { external: packages },
    plugins: [oneCopyOfTheDomain()],
  },
});

/**
 * Keeps the domain out of the bundle: an import of one of our own files that is not a view stays an import, as
 * `#src/…`, `#db/…` or `#templates/…` (package.json "imports" resolves these from `dist/` too). Module state is then
 * shared between the front and the pages, and `instanceof` holds.
 */
function oneCopyOfTheDomain() {
  return {
    name: 'one-copy-of-the-domain',
    apply: 'build',
    enforce: 'pre',
    applyToEnvironment: (environment) => environment.config.consumer === 'server',
    async resolveId(source, importer) {
      if (importer === undefined || source.startsWith('\0')) return null;
      if (!source.startsWith('#') && !source.startsWith('.')) return null;
      const path = ownPath(source, importer);
      if (path === undefined || views.test(path)) return null;
      return { id: `#${path}`, external: true, moduleSideEffects: true };
    },
  };
}

/** The path of one of our own TypeScript modules relative to the project, or undefined for anything else. */
function ownPath(source, importer) {
  if (source.startsWith('#')) return /^#((?:src|db|templates|cli)\/.+\.ts)$/.exec(source)?.[1];
  const url = new URL(source, `file://${importer.replace(/[?#].*$/, '')}`);
  const path = fileURLToPath(url);
  if (!path.startsWith(root)) return undefined;
  const own = path.slice(root.length);
  return /^(?:src|db|templates|cli)\/.+\.ts$/.test(own) ? own : undefined;
}

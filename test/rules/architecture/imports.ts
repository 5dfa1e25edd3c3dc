import { type Import, importsOf, type Source } from './sources.ts';

/** The domain's modules; each may know those to its left. */
export const DOMAIN = [
  'tenants',
  'customers',
  'jobs',
  'outbox',
  'files',
  'ledger',
  'documents',
  'payments',
  'subscriptions',
  'statements',
  'exports',
  'imports',
  'signin',
];

/** The rooms of the large modules; each may know those to its left. What lies beside them is known by all and knows none. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/payments':
    'gateways attempts methods taking credit plans collecting returning outside receipts news'.split(' '),
  'src/web': ['access', 'paying', 'methods', 'collecting', 'documents', 'account'],
};

/** Who may ask where a page is and what it is allowed: the doors and, for its mails, the domain. */
const PORTAL_READERS = ['pages', 'api', 'cli', 'server', 'web', 'locals'];
const DOORS = ['pages', 'api', 'cli', 'server', 'web'];
/** What only shows: components, layouts, islands, styles. */
const VIEWS = ['components', 'layouts', 'islands', 'styles'];
const HARMLESS_NODE = ['node:crypto', 'node:url', 'node:stream', 'node:string_decoder', 'node:buffer'];

/** Packages that one floor or one file may import; whatever is not named here nobody may. */
const PACKAGES: ReadonlyArray<readonly [who: RegExp, packages: readonly string[]]> = [
  [/^(?:src|cli)\//, ['zod']],
  [/^db\//, ['kysely', 'pg', 'better-sqlite3']],
  [/^templates\//, ['pdf-lib', '@pdf-lib/fontkit', 'harfbuzzjs', 'bidi-js', 'subset-font', 'wawoff2']],
  [/^src\/imports\//, ['saxes', 'csv-parse']],
  [/^src\/exports\//, ['csv-stringify']],
  [/^src\/signin\/sessions\.ts$/, ['lucia', '@lucia-auth/adapter-sqlite', '@lucia-auth/adapter-postgresql']],
  [/^src\/signin\/magic-links\.ts$/, ['jose']],
  [/^src\/(?:pages|components|layouts)\/|^src\/(?:middleware|env\.d)\.ts$/, ['astro', 'astro:middleware']],
  [/^cli\//, ['commander']],
  [/^cli\/shell\.ts$/, ['kysely']],
];
/** Packages known by their types alone. */
const PACKAGE_TYPES: ReadonlyArray<readonly [who: RegExp, packages: readonly string[]]> = [
  [/^src\/scope\.ts$/, ['kysely']],
  [/^src\/signin\/sessions\.ts$/, ['better-sqlite3']],
  [/^src\/web\//, ['astro']],
];

/** The one place outside a file's own floor that it may know, with the reason. */
const EXCEPTIONS: ReadonlyArray<readonly [who: RegExp, what: RegExp, reason: string]> = [
  [/^cli\/(?:commands\/db[^/]*|shell)\.ts$/, /^db\//, 'the commands about the database itself'],
  [/^cli\/commands\/(?:serve|demo)\.ts$/, /^src\/server\//, 'they start the front'],
  [/^src\/server\/portal\.ts$/, /^src\/(?:database|work|work\/away)\.ts$/, 'it starts the whole portal'],
  [/^cli\//, /^src\/api\/(?:[a-z]+-)?(?:shapes|input)\.ts$/, '--json speaks the shapes of the API'],
  [/^src\/adapters\/mailbox\.ts$/, /^db\/(?:open|scoped)\.ts$/, 'the mailbox is a table'],
  [/^src\/adapters\//, /^src\/payments\/gateways\/(?:card|test-cards)\.ts$/, 'what the test gateway accepts'],
];

/** What the imports of these files break of the dependency rule, as sentences. */
export function importViolations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const imports = importsOf(source);
    const broken = imports.flatMap((imported) => {
      const why = imported.ours
        ? reasonAgainstOurs(source.path, imported)
        : reasonAgainstPackage(source.path, imported);
      return why === undefined ? [] : [`${source.path}:${imported.line} imports ${imported.target}: ${why}`];
    });
    return [...broken, ...tooManySdks(source.path, imports)];
  });
}

/** Rings of files that know one another, by types alone too. What is loaded at its first use makes no ring. */
export function importCycles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter((imported) => imported.ours && !imported.lazy)
        .map((imported) => imported.target),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push(`a ring of imports: ${[...trail.slice(at), path].join(' → ')}`);
    if (at >= 0 || done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return cycles;
}

function reasonAgainstOurs(path: string, { target, typeOnly, lazy }: Import): string | undefined {
  const from = floorOf(path);
  const to = floorOf(target);
  if (EXCEPTIONS.some(([who, what]) => who.test(path) && what.test(target))) return undefined;
  if (to === 'test') return 'nothing of the product knows its tests';
  if (to === 'adapters' && from !== 'adapters')
    return from === 'app' ? undefined : 'only src/app.ts wires adapters';
  if (from === to) return reasonAgainstRoom(path, target);
  if (to === 'kernel') return undefined;
  if (to === 'portal')
    return PORTAL_READERS.includes(from) || isDomain(from)
      ? undefined
      : `${from} knows no page of the portal`;
  if (from === 'kernel') return 'the kernel knows nobody';
  if (from === 'words') return 'words know the kernel alone';
  if (to === 'words' && mayWord(from)) return undefined;
  if (from === 'db' || from === 'templates' || from === 'portal') return `${from} knows the kernel alone`;
  if (from === 'adapters')
    return typeOnly && (to === 'scope' || isDomain(to)) ? undefined : 'an adapter knows its port’s types';
  if (from === 'scope')
    return typeOnly || to === 'db' ? undefined : 'scopes know the domain by its types alone';
  if (from === 'app')
    return DOORS.includes(to) || VIEWS.includes(to) ? 'the composition root knows no door' : undefined;
  if (from === 'locals') return typeOnly ? undefined : 'what the front hands to the pages is types alone';
  if (isDomain(from)) return reasonAgainstDomain(from, to, target, typeOnly);
  if (VIEWS.includes(from)) return VIEWS.includes(to) ? undefined : 'views know views and the kernel';
  if (DOORS.includes(from)) return reasonAgainstDoor(from, to, typeOnly || lazy || from === 'cli', typeOnly);
  return `nothing says what ${path} may import`;
}

function reasonAgainstRoom(path: string, target: string): string | undefined {
  const module = Object.keys(ROOMS).find((folder) => path.startsWith(`${folder}/`));
  if (module === undefined) return undefined;
  const [from, to] = [path, target].map((file) => file.slice(module.length + 1).split('/'));
  const rooms = ROOMS[module]!;
  // A file beside the rooms has the place before the first.
  const placeOf = (parts: readonly string[]) => (parts.length === 1 ? -1 : rooms.indexOf(parts[0]!));
  if (from!.length > 1 && placeOf(from!) < 0) return `${module} has no room ${from![0]}`;
  return placeOf(to!) <= placeOf(from!) ? undefined : `${to![0]} is not to the left of ${from![0]}`;
}

function reasonAgainstDomain(
  from: string,
  to: string,
  target: string,
  typeOnly: boolean,
): string | undefined {
  if (to === 'scope') return undefined;
  if (isDomain(to)) {
    return DOMAIN.indexOf(to) < DOMAIN.indexOf(from) ? undefined : `${to} is not to the left of ${from}`;
  }
  if (target === 'db/lists.ts' || (target === 'db/scoped.ts' && typeOnly)) return undefined;
  if (to === 'templates' && from === 'exports') return undefined;
  return 'the domain knows the kernel, scopes and the domain to its left';
}

function reasonAgainstDoor(
  from: string,
  to: string,
  mayWire: boolean,
  typeOnly: boolean,
): string | undefined {
  if (isDomain(to) || to === 'scope' || to === 'locals') return undefined;
  if (to === 'app' || to === 'config') return mayWire ? undefined : 'only the CLI opens the installation';
  if (from === 'pages' && (to === 'web' || VIEWS.includes(to))) return undefined;
  if (from === 'web' && VIEWS.includes(to))
    return typeOnly ? undefined : 'of the views, src/web knows the types alone';
  return DOORS.includes(to) ? 'a door knows no other door' : 'a door knows the domain, scopes and the kernel';
}

function reasonAgainstPackage(path: string, { target, typeOnly, names }: Import): string | undefined {
  const from = floorOf(path);
  if (target.startsWith('node:')) {
    if (!isDomain(from) && from !== 'kernel') return undefined;
    if (!HARMLESS_NODE.includes(target)) return 'the domain touches no machine';
    const random = names.some((name) => /random|generate|^\*$|^default$/i.test(name));
    return random ? 'randomness comes from the scope’s tokens' : undefined;
  }
  if (from === 'adapters') return undefined;
  const lists = typeOnly ? [...PACKAGES, ...PACKAGE_TYPES] : PACKAGES;
  const allowed = lists.some(([who, packages]) => who.test(path) && packages.includes(target));
  return allowed ? undefined : 'no such package on this floor';
}

function tooManySdks(path: string, imports: readonly Import[]): string[] {
  if (floorOf(path) !== 'adapters') return [];
  const packages = imports.filter(({ target, ours }) => !ours && !target.startsWith('node:'));
  const names = new Set(packages.map(({ target }) => target));
  return names.size > 1 ? [`${path} uses several SDKs: ${[...names].join(', ')}`] : [];
}

function floorOf(path: string): string {
  if (/^src\/(?:(?:app|database|work)\.ts$|work\/)/.test(path)) return 'app';
  if (path === 'src/scope.ts') return 'scope';
  if (path === 'src/config.ts') return 'config';
  if (path === 'src/locals.ts') return 'locals';
  if (path === 'src/middleware.ts' || path === 'src/env.d.ts') return 'pages';
  const [first = '', second = ''] = path.split('/');
  return first === 'src' ? second : first;
}

/** What speaks to somebody: doors and views, papers and mails, and the room of the domain that writes these. */
function mayWord(floor: string): boolean {
  return floor === 'templates' || floor === 'exports' || DOORS.includes(floor) || VIEWS.includes(floor);
}

function isDomain(floor: string): boolean {
  return DOMAIN.includes(floor);
}

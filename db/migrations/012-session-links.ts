import type { Migration } from './migration.ts';

/** Which magic link a session was made by: `sessions.link`, as `used_links` names it. Null where it was none. */
export const sessionLinks: Migration = {
  name: '012-session-links',
  tables: [
    `alter table sessions add column link text null;
`,
  ],
  sqlite: [],
  postgres: [],
};

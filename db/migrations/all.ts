import { first } from './001-first.ts';
import type { Migration } from './migration.ts';

/** Every migration in order. A static list: folders do not exist in a bundle. */
export const migrations: readonly Migration[] = [first];

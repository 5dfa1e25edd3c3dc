import type { english } from './en-US/all.ts';

/** Every sentence of the portal, by room. What a message fills in, it takes by name: `words.access.checkMailIntro({ email, minutes: 15 })`. */
export type Catalogue = ReturnType<typeof english>;

/// <reference types="astro/client" />

declare namespace App {
  // What the front hands over and the middleware adds; see src/locals.ts.
  interface Locals extends Record<never, never>, PortalLocals {}
}

// oxlint-disable-next-line typescript/consistent-type-imports -- an import statement would end the global scope of this file
type PortalLocals = import('./locals.ts').PortalLocals;

/// <reference types="astro/client" />

declare namespace App {
  // What the front hands over and the middleware adds; see src/locals.ts.
  interface Locals extends Record<never, never>, PortalLocals {}
}

type PortalLocals = import('./locals.ts').PortalLocals;

/** One business, as every door and page sees it. */
export interface Tenant {
  readonly id: number;
  /** Its name in addresses: `acme` in `acme.portal.example`. */
  readonly username: string;
  readonly name: string;
  /** ISO 4217, upper case: the default for new customers. */
  readonly currency: string;
  /** IANA name; due dates are civil dates in it. */
  readonly timeZone: string;
  /** BCP 47 tag of the default language. */
  readonly language: string;
  readonly country: string | undefined;
  /** `test` tenants may use the test gateway; `live` ones never do. */
  readonly mode: 'test' | 'live';
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly website: string | undefined;
  readonly taxId: string | undefined;
  /** Ready to print, one entry a line, without the name. */
  readonly addressLines: readonly string[];
  /** Scheme, host and port of its portal; every link begins with it. */
  readonly origin: string;
  /** Epoch ms at which this tenant's time stands still, when it has a test clock. */
  readonly testClockAt: number | undefined;
  /** Epoch ms. */
  readonly createdAt: number;
}

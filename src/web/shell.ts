import type { HeadModel, NavItem, PlainModel, ShellModel } from '#src/components/models.ts';
import type { PortalLocals } from '#src/locals.ts';
import type { Visitor } from './visitor.ts';
import { initialsOf } from './formatting.ts';
import { takesPayments } from '#src/payments/gateways/gateways.ts';
import type { MainEntry } from '#src/portal/page.ts';
import { MAIN_PAGES } from '#src/portal/pages.ts';
import { urls } from '#src/portal/urls.ts';

export type Section = MainEntry | 'access' | undefined;

/** The frame of a page of somebody who is signed in. */
export function shellOf(locals: PortalLocals, visitor: Visitor, title: string, section: Section): ShellModel {
  const { customer, session, language } = visitor;
  return {
    ...headOf(locals, title, language),
    brand: brandOf(locals),
    nav: navOf(section, visitor),
    signedIn: {
      email: session.email.includes('@') ? session.email : '',
      account: customer.name,
      initials: initialsOf(customer.name),
      accounts: visitor.accounts.map(({ customerId, name, number }) => ({
        id: String(customerId),
        name,
        note: number,
        current: customerId === visitor.account.customerId,
      })),
      switchAction: urls.switchAccount,
      accessHref: urls.access,
      signOutAction: urls.signOut,
    },
    footer: footerOf(locals),
  };
}

/** The frame of a page without an account: signing in, a problem. */
export function plainOf(locals: PortalLocals, title: string): PlainModel {
  const { language } = locals.merchant.tenant;
  return { ...headOf(locals, title, language), brand: brandOf(locals), footer: footerOf(locals) };
}

/** What the way to the merchant is called. */
export const WRITE_TO_US = 'Write to us';

/** Where customers are told to write to. */
export function supportAddress({ merchant }: PortalLocals): string | undefined {
  return merchant.settings['portal.support_email'] || merchant.tenant.email;
}

function headOf(locals: PortalLocals, title: string, language: string): HeadModel {
  return { title, language, themeHref: locals.stylesheet };
}

function brandOf({ merchant: { tenant } }: PortalLocals): ShellModel['brand'] {
  return { name: tenant.name, initial: initialsOf(tenant.name).slice(0, 1), homeHref: urls.home };
}

/** How each entry of the navigation is called; `short` where there is little room. */
const ENTRIES: Readonly<Record<MainEntry, Pick<NavItem, 'label' | 'short' | 'icon'>>> = {
  account: { label: 'My Account', short: 'Account', icon: 'account' },
  activity: { label: 'Activity', icon: 'invoice' },
  methods: { label: 'Payment methods', short: 'Methods', icon: 'card' },
};

function navOf(section: Section, { account, scope }: Visitor): NavItem[] {
  const shown = MAIN_PAGES.filter(
    (page) =>
      (page.for === 'viewer' || account.role !== 'viewer') &&
      (page.needs !== 'payments' || takesPayments(scope)),
  );
  return shown.map(({ path, entry }) => ({ ...ENTRIES[entry], href: path, current: section === entry }));
}

function footerOf(locals: PortalLocals): Array<{ label: string; href: string }> {
  const support = supportAddress(locals);
  return support ? [{ label: WRITE_TO_US, href: `mailto:${support}` }] : [];
}

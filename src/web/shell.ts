import type { HeadModel, NavItem, PlainModel, ShellModel } from '#src/components/models.ts';
import type { PortalLocals } from '#src/locals.ts';
import type { Words } from '#src/words/words.ts';
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
    nav: navOf(section, visitor, locals.words),
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

/** The way to the merchant, where customers are told of one. */
export function contactLink(locals: PortalLocals): { label: string; href: string } | undefined {
  const support = supportAddress(locals);
  const merchant = locals.merchant.tenant.name;
  return support ? { label: locals.words.shell.contact({ merchant }), href: `mailto:${support}` } : undefined;
}

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
function entriesIn({ shell }: Words): Readonly<Record<MainEntry, Pick<NavItem, 'label' | 'short' | 'icon'>>> {
  return {
    account: { label: shell.myAccount, short: shell.myAccountShort, icon: 'account' },
    activity: { label: shell.activity, icon: 'invoice' },
    methods: { label: shell.methods, short: shell.methodsShort, icon: 'card' },
  };
}

function navOf(section: Section, { account, scope }: Visitor, words: Words): NavItem[] {
  const entries = entriesIn(words);
  const shown = MAIN_PAGES.filter(
    (page) =>
      (page.for === 'viewer' || account.role !== 'viewer') &&
      (page.needs !== 'payments' || takesPayments(scope)),
  );
  return shown.map(({ path, entry }) => ({ ...entries[entry], href: path, current: section === entry }));
}

function footerOf(locals: PortalLocals): Array<{ label: string; href: string }> {
  const contact = contactLink(locals);
  return contact ? [contact] : [];
}

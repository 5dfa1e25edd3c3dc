import type { CustomerParty, MerchantParty, Sheet } from '#templates/pdf/model.ts';
import type { Customer } from '../customers/customers.ts';
import { localeOf } from '../kernel/format.ts';
import type { CustomerScope } from '../scope.ts';

/** What every PDF of an account carries: paper, parties, foot. `createdAt` is epoch ms, the only date inside the file. */
export function sheetOf(
  scope: CustomerScope,
  customer: Customer,
  createdAt: number,
): Pick<Sheet, 'paper' | 'language' | 'reader' | 'createdAt' | 'merchant' | 'customer' | 'footer'> {
  const { settings } = scope;
  return {
    paper: settings['documents.paper'],
    // The words are English so far, whatever language dates and amounts are written for.
    language: 'en',
    reader: localeOf(customer.language, customer.country && `und-${customer.country}`, scope.tenant.language),
    createdAt,
    merchant: merchantParty(scope),
    customer: customerParty(customer),
    footer: settings['documents.footer'] || undefined,
  };
}

function merchantParty({ tenant, settings }: CustomerScope): MerchantParty {
  return {
    name: tenant.name,
    addressLines: tenant.addressLines,
    taxId: tenant.taxId,
    email: tenant.email,
    phone: tenant.phone,
    website: tenant.website,
    accent: settings['brand.accent'],
  };
}

function customerParty(customer: Customer): CustomerParty {
  const attention = customer.attentionTo ? [`Attn. ${customer.attentionTo}`] : [];
  return {
    name: customer.name,
    addressLines: [...attention, ...customer.addressLines],
    taxId: customer.taxId,
  };
}

import { optional } from './optional.ts';
import type { UblAddress, UblDelivery, UblParty, UblPaymentMeans } from './ubl-model.ts';
import type { UblReading } from './ubl-reading.ts';
import type { XmlElement } from './xml.ts';

/** BG-4, BG-7, BG-10, BG-11: the element that holds names and addresses. A name is required, under that rule. */
export function readParty(read: UblReading, party: XmlElement, rule: string): UblParty {
  const legal = read.group(party, 'PartyLegalEntity');
  const legalName = read.text(legal, 'RegistrationName');
  const tradingName = read.text(read.group(party, 'PartyName'), 'Name');
  return {
    name: legalName ?? tradingName ?? read.missing(party, 'PartyLegalEntity/RegistrationName', rule),
    ...optional('tradingName', tradingName),
    ...optional('legalName', legalName),
    ...optional('taxId', readTaxId(read, party)),
    ...optional('companyId', read.identifier(legal, 'CompanyID')),
    ...optional('endpoint', read.identifier(party, 'EndpointID')),
    identifiers: read
      .groups(party, 'PartyIdentification')
      .map((group) => read.identifier(group, 'ID'))
      .filter((id) => id !== undefined),
    ...optional('address', readAddress(read, read.group(party, 'PostalAddress'))),
    ...optional('contact', readContact(read, read.group(party, 'Contact'))),
  };
}

/** BG-13, BG-15 */
export function readDelivery(read: UblReading, delivery: XmlElement | undefined): UblDelivery | undefined {
  const location = read.group(delivery, 'DeliveryLocation');
  const found: UblDelivery = {
    ...optional('date', read.date(delivery, 'ActualDeliveryDate')),
    ...optional('name', read.text(read.group(delivery, 'DeliveryParty', 'PartyName'), 'Name')),
    ...optional('locationId', read.identifier(location, 'ID')),
    ...optional('address', readAddress(read, read.group(location, 'Address'))),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}

/** BG-16 */
export function readPaymentMeans(read: UblReading, means: XmlElement): UblPaymentMeans {
  const account = read.group(means, 'PayeeFinancialAccount');
  const card = read.group(means, 'CardAccount');
  const mandate = read.group(means, 'PaymentMandate');
  const number = read.text(account, 'ID');
  const code = read.field(means, 'PaymentMeansCode');
  return {
    code: code?.text ?? read.missing(means, 'PaymentMeansCode', 'BR-49'),
    ...optional('name', code?.attributes.get('name')),
    ...optional('paymentId', read.fields(means, 'PaymentID')[0]?.text),
    ...(number === undefined ? {} : isIban(number) ? { iban: compact(number) } : { account: number }),
    ...optional('accountName', read.text(account, 'Name')),
    ...optional('bic', read.text(read.group(account, 'FinancialInstitutionBranch'), 'ID')),
    ...optional('cardMask', read.text(card, 'PrimaryAccountNumberID')),
    ...optional('cardHolder', read.text(card, 'HolderName')),
    ...optional('mandate', read.text(mandate, 'ID')),
    ...optional('debitedAccount', read.text(read.group(mandate, 'PayerFinancialAccount'), 'ID')),
  };
}

/** ISO 13616: two letters, two check digits, up to 30 characters, remainder 1 modulo 97. Spaces do not count. */
export function isIban(text: string): boolean {
  const iban = compact(text);
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{8,30}$/.test(iban)) return false;
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  return BigInt(digits) % 97n === 1n;
}

function readTaxId(read: UblReading, party: XmlElement): string | undefined {
  const schemes = read.groups(party, 'PartyTaxScheme');
  const vat = schemes.find(
    (scheme) => read.text(read.group(scheme, 'TaxScheme'), 'ID')?.toUpperCase() === 'VAT',
  );
  return read.text(vat ?? schemes[0], 'CompanyID');
}

function readAddress(read: UblReading, address: XmlElement | undefined): UblAddress | undefined {
  if (!address) return undefined;
  const lines = [
    read.text(address, 'StreetName'),
    read.text(address, 'AdditionalStreetName'),
    ...read.groups(address, 'AddressLine').map((line) => read.text(line, 'Line')),
  ];
  return {
    lines: lines.filter((line) => line !== undefined),
    ...optional('city', read.text(address, 'CityName')),
    ...optional('region', read.text(address, 'CountrySubentity')),
    ...optional('postalCode', read.text(address, 'PostalZone')),
    ...optional('country', read.text(read.group(address, 'Country'), 'IdentificationCode')?.toUpperCase()),
  };
}

function readContact(read: UblReading, contact: XmlElement | undefined): UblParty['contact'] {
  const found = {
    ...optional('name', read.text(contact, 'Name')),
    ...optional('phone', read.text(contact, 'Telephone')),
    ...optional('email', read.text(contact, 'ElectronicMail')),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}

function compact(text: string): string {
  return text.replace(/\s+/g, '').toUpperCase();
}

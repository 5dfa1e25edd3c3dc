/** The books: nothing in them is ever changed. */
export const LEDGER = `
-- Entries of the books. Neither changed nor deleted (triggers), but for an import that nobody saw yet.
create table journal (
  tenant_id int not null references tenants (id),
  id int not null,
  customer_id int not null,
  currency text not null,
  date text not null,
  kind text not null check (kind in ('invoice','invoice_void','credit_note','credit_note_void','payment','payment_void','refund','dispute','dispute_won','credit_applied','credit_adjustment','write_off')),
  invoice_id int,
  credit_note_id int,
  payment_id int,
  refund_id int,
  memo text,
  actor text not null,
  at int not null,
  import_id int,
  primary key (tenant_id, id),
  unique (tenant_id, id, currency),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, invoice_id) references invoices (tenant_id, id),
  foreign key (tenant_id, credit_note_id) references credit_notes (tenant_id, id),
  foreign key (tenant_id, payment_id) references payments (tenant_id, id),
  foreign key (tenant_id, refund_id) references refunds (tenant_id, id)
);
create index journal_customer on journal (tenant_id, customer_id, currency, date, id);
create index journal_payment on journal (tenant_id, payment_id) where payment_id is not null;

-- The two or more sides of an entry: they add up to zero. Debits are positive.
create table postings (
  tenant_id int not null references tenants (id),
  journal_id int not null,
  position int not null,
  customer_id int not null,
  account text not null check (account in ('receivable','credit_note','credit_balance','sales','cash','fees','adjustments','disputed','bad_debt')),
  currency text not null,
  amount_minor int not null check (amount_minor <> 0),
  invoice_id int,
  credit_note_id int,
  import_id int,
  primary key (tenant_id, journal_id, position),
  check ((account = 'receivable' and invoice_id is not null) or (account <> 'receivable' and invoice_id is null)),
  check ((account = 'credit_note' and credit_note_id is not null) or (account <> 'credit_note' and credit_note_id is null)),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, journal_id, currency) references journal (tenant_id, id, currency),
  foreign key (tenant_id, invoice_id, currency) references invoices (tenant_id, id, currency),
  foreign key (tenant_id, credit_note_id, currency) references credit_notes (tenant_id, id, currency)
);
create index postings_invoice on postings (tenant_id, invoice_id) where invoice_id is not null;
create index postings_credit_note on postings (tenant_id, credit_note_id) where credit_note_id is not null;
create index postings_account on postings (tenant_id, customer_id, currency, account);
`;

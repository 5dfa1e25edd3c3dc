/** A row of the list that the bare page and the raw handler show. */
export interface YardstickRow {
  readonly client_id: string;
  readonly number: string;
  readonly date: string;
  readonly due_date: string;
  readonly total_minor: number;
  readonly balance_minor: number;
}

/** The portal's own list, as one SQL statement: 25 rows and one that tells whether there are more. */
export const LIST_SQL = `select id, client_id, number, date, due_date, state, closed, currency, total_minor, balance_minor,
  pending_minor, purchase_order from invoices where tenant_id = 1 and customer_id = 1 and state = 'issued'
  order by date desc, id desc limit 26`;

/** What an estimate is, as people speak of it. */
export type EstimateStatus =
  'draft' | 'sent' | 'viewed' | 'approved' | 'declined' | 'invoiced' | 'expired' | 'voided';

/** The facts that a status follows from. Dates are civil `YYYY-MM-DD`, moments epoch ms. */
export interface EstimateFacts {
  readonly state: 'draft' | 'issued' | 'voided';
  readonly closed: 0 | 1;
  readonly invoice_id: number | null;
  readonly declined_at: number | null;
  readonly expiration_date: string | null;
  readonly viewed_at: number | null;
}

/** An estimate expires after its last day, counted in the tenant's time zone. One that was answered stays answered. */
export function estimateStatus(estimate: EstimateFacts, today: string): EstimateStatus {
  if (estimate.state !== 'issued') return estimate.state;
  if (estimate.invoice_id !== null) return 'invoiced';
  if (estimate.declined_at !== null) return 'declined';
  if (estimate.closed) return 'approved';
  if (estimate.expiration_date !== null && estimate.expiration_date < today) return 'expired';
  return estimate.viewed_at === null ? 'sent' : 'viewed';
}

/** Whether the customer may still approve or decline it. */
export function isOpenEstimate(status: EstimateStatus): boolean {
  return status === 'sent' || status === 'viewed';
}

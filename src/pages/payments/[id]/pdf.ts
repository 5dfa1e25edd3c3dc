import type { APIRoute } from 'astro';
import { receiptPdf } from '#src/exports/pdf.ts';
import { pdfResponse } from '#src/web/downloads.ts';
import { visitor } from '#src/web/visitor.ts';

export const GET: APIRoute = async ({ locals, params }) => {
  const { scope } = await visitor(locals);
  return pdfResponse(await receiptPdf(scope, params.id ?? ''));
};

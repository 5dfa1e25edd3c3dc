import type { APIRoute } from 'astro';
import { creditNotePdf } from '#src/exports/credit-note-pdf.ts';
import { pdfResponse } from '#src/web/downloads.ts';
import { visitor } from '#src/web/visitor.ts';

export const GET: APIRoute = async ({ locals, params }) => {
  const { scope } = await visitor(locals);
  return pdfResponse(await creditNotePdf(scope, params.id ?? ''));
};

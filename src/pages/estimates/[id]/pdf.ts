import type { APIRoute } from 'astro';
import { estimatePdf } from '#src/exports/estimate-pdf.ts';
import { pdfResponse } from '#src/web/downloads.ts';
import { visitor } from '#src/web/visitor.ts';

export const GET: APIRoute = async ({ locals, params }) => {
  const { scope } = await visitor(locals);
  return pdfResponse(await estimatePdf(scope, params.id ?? ''));
};

/** A PDF to keep. The name is made of safe characters by whoever rendered it. */
export function pdfResponse({
  bytes,
  name,
}: {
  readonly bytes: Uint8Array;
  readonly name: string;
}): Response {
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="${name.replace(/[^\w .()-]/g, '_')}"`,
    },
  });
}

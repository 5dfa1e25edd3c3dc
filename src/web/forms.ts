import { z } from 'zod';
import { Refusal } from '#src/kernel/errors.ts';

/** What was sent with a form, as text: the values to show again, whatever became of them. */
export type Typed = Readonly<Record<string, string>>;
/** Messages beside fields, by the field's name. */
export type FieldErrors = Readonly<Record<string, string>>;

/** A form that was not accepted: shown again with what was typed and what to do. */
export interface FormProblem {
  readonly typed: Typed;
  readonly fields: FieldErrors;
  /** What concerns the form as a whole. */
  readonly refusal: Refusal | undefined;
  /** Every value of a field that was sent several times. */
  readonly all?: (name: string) => string[];
}

const NO_PROBLEM: FormProblem = { typed: {}, fields: {}, refusal: undefined };

/** What a form is told apart by when it is sent again. What jobs are told apart by has colons. */
export const Nonce = z.string().regex(/^[\w-]{20,100}$/);

/** What a form handler needs of the page it runs in. */
export interface FormPage {
  readonly request: Request;
  readonly response: ResponseInit & { status?: number };
  redirect(path: string, status: 303): Response;
}

/**
 * A page answers its own POST: `perform` gets the checked values and answers where to go (303). A refusal, or values that do not fit, are shown
 * on the same page with status 422 or the refusal's own. Fields sent several times arrive as arrays where the schema wants arrays.
 */
export async function handleForm<Values>(
  page: FormPage,
  schema: z.ZodType<Values>,
  perform: (values: Values) => Promise<string | FormProblem>,
): Promise<Response | FormProblem> {
  if (page.request.method !== 'POST') return NO_PROBLEM;
  const sent = new URLSearchParams(await page.request.text());
  const typed = Object.fromEntries(sent);
  const all = (name: string): string[] => sent.getAll(name);
  const parsed = schema.safeParse(valuesOf(sent, schema));
  if (!parsed.success)
    return shown(page, 422, { typed, all, fields: errorsOf(parsed.error), refusal: undefined });
  try {
    const result = await perform(parsed.data);
    return typeof result === 'string'
      ? page.redirect(result, 303)
      : shown(page, 422, { ...result, typed, all });
  } catch (error) {
    if (!(error instanceof Refusal) || error.status === 404 || error.status === 401) throw error;
    const fields = error.field ? { [error.field]: `${error.message} ${error.hint}` } : {};
    return shown(page, error.status, { typed, all, fields, refusal: error.field ? undefined : error });
  }
}

function shown(page: FormPage, status: number, problem: FormProblem): FormProblem {
  page.response.status = status;
  return problem;
}

function valuesOf(sent: URLSearchParams, schema: z.ZodType): Record<string, string | string[]> {
  const shape: Record<string, unknown> = schema instanceof z.ZodObject ? schema.shape : {};
  const values: Record<string, string | string[]> = {};
  for (const name of new Set(sent.keys())) {
    values[name] = isList(shape[name]) ? sent.getAll(name) : (sent.get(name) ?? '');
  }
  return values;
}

function isList(schema: unknown): boolean {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return isList(schema.unwrap());
  return schema instanceof z.ZodArray;
}

function errorsOf(error: z.ZodError): FieldErrors {
  const fields: Record<string, string> = {};
  for (const issue of error.issues) fields[String(issue.path[0] ?? '')] ??= issue.message;
  return fields;
}

import { z } from 'zod';
import type { FieldState, NoticeModel } from '#src/components/models.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { titleConfirming } from './confirmation.ts';

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
  /** The field in error that stands first on the page: there the cursor goes. */
  readonly first?: string | undefined;
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
  const parsed = schema.safeParse(valuesOf(sent, schema));
  if (!parsed.success) return shown(page, 422, problemWith(sent, errorsOf(parsed.error)));
  try {
    const result = await perform(parsed.data);
    return typeof result === 'string'
      ? page.redirect(result, 303)
      : shown(page, 422, problemWith(sent, result.fields, result.refusal));
  } catch (error) {
    if (!(error instanceof Refusal) || error.status === 404 || error.status === 401) throw error;
    return shown(page, error.status, refusedWith(sent, error));
  }
}

/** A field as it is shown again: with what was typed, else `value`, and with what is wrong with it. */
export function shownField(problem: FormProblem, name: string, value?: string): FieldState {
  const focus = problem.first === name || undefined;
  return { value: problem.typed[name] ?? value, error: problem.fields[name], focus };
}

/** What is said above a form that was not accepted; with the cursor on it where no field has it. */
export function problemNotice(
  { refusal, fields, first }: FormProblem,
  title: string,
  text = 'What needs another look is marked below.',
): NoticeModel | undefined {
  if (refusal)
    return { tone: 'warn', title: refusal.title, text: `${refusal.message} ${refusal.hint}`, focus: true };
  if (Object.keys(fields).length === 0) return undefined;
  return { tone: 'bad', title, text, focus: first === undefined };
}

/** A page's title. After a form that was not accepted, or something that was agreed, that comes first: a screen reader begins with it. */
export function titleAfter(
  { refusal, fields }: FormProblem,
  notice: NoticeModel | undefined,
  title: string,
): string {
  const isAccepted = refusal === undefined && Object.keys(fields).length === 0;
  return isAccepted || !notice ? titleConfirming(notice, title) : `${notice.title}: ${title}`;
}

function problemWith(sent: URLSearchParams, fields: FieldErrors, refusal?: Refusal): FormProblem {
  return {
    typed: Object.fromEntries(sent),
    all: (name) => sent.getAll(name),
    fields,
    refusal,
    first: firstOf(Object.keys(fields), sent),
  };
}

/** A refusal stands beside its field where the form has that field, else above the form. */
function refusedWith(sent: URLSearchParams, refusal: Refusal): FormProblem {
  const { field, message, hint } = refusal;
  if (field === undefined || !sent.has(field)) return problemWith(sent, {}, refusal);
  return problemWith(sent, { [field]: `${message} ${hint}` });
}

/** Browsers send fields in the order of the page. What was not sent, like a box without its tick, comes last; `part:…` is one of several. */
function firstOf(names: readonly string[], sent: URLSearchParams): string | undefined {
  const order = [...sent.keys()];
  const place = (name: string): number => {
    const at = order.indexOf(name.split(':')[0]!);
    return at === -1 ? order.length : at;
  };
  return names.toSorted((a, b) => place(a) - place(b))[0];
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

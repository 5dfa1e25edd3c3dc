import { z } from 'zod';
import type { FieldState, NoticeModel } from '#src/components/models.ts';
import { Refusal } from '#src/kernel/errors.ts';
import { isStorable, storablePart } from '#src/kernel/text.ts';
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

/** A form as a browser sent it, read once: the values of each field, fields in the order of the page. */
export type SentForm = ReadonlyMap<string, readonly string[]>;

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
  const sent = await readForm(page.request);
  const unstorable = [...sent].filter(([name, values]) => ![name, ...values].every(isStorable));
  if (unstorable.length > 0)
    return shown(
      page,
      422,
      unstorableText(
        storable(sent),
        unstorable.map(([name]) => name),
      ),
    );
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

/** Reads the body of a request, which can be done once. How many fields there are is the front's to limit. */
export async function readForm(request: Request): Promise<SentForm> {
  const form = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(await request.text())) {
    const values = form.get(name);
    if (values === undefined) form.set(name, [value]);
    else values.push(value);
  }
  return form;
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
  if (refusal) {
    const { title: what, message, hint } = refusal.publicly;
    return { tone: 'warn', title: what, text: `${message} ${hint}`, focus: true };
  }
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

function problemWith(sent: SentForm, fields: FieldErrors, refusal?: Refusal): FormProblem {
  return {
    typed: Object.fromEntries([...sent].map(([name, values]) => [name, values.at(-1) ?? ''])),
    all: (name) => [...(sent.get(name) ?? [])],
    fields,
    refusal,
    first: firstOf(Object.keys(fields), sent),
  };
}

/** What was sent, as it can be shown again. */
function storable(sent: SentForm): SentForm {
  return new Map([...sent].map(([name, values]) => [name, values.map(storablePart)]));
}

/** Beside each field, and above the form for those that no page shows. */
function unstorableText(sent: SentForm, names: readonly string[]): FormProblem {
  const refusal = new Refusal('bad_text');
  const { message, hint } = refusal.publicly;
  const fields = Object.fromEntries(names.map((name) => [name, `${message} ${hint}`]));
  return problemWith(sent, fields, refusal);
}

/** A refusal stands beside its field where the form has that field, else above the form. */
function refusedWith(sent: SentForm, refusal: Refusal): FormProblem {
  const { field, publicly } = refusal;
  if (field === undefined || !sent.has(field)) return problemWith(sent, {}, refusal);
  return problemWith(sent, { [field]: `${publicly.message} ${publicly.hint}` });
}

/** Browsers send fields in the order of the page. What was not sent, like a box without its tick, comes last; `part:…` is one of several. */
function firstOf(names: readonly string[], sent: SentForm): string | undefined {
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

function valuesOf(sent: SentForm, schema: z.ZodType): Record<string, string | string[]> {
  const shape: Record<string, unknown> = schema instanceof z.ZodObject ? schema.shape : {};
  const values: Record<string, string | string[]> = {};
  for (const [name, sentValues] of sent) {
    values[name] = isList(shape[name]) ? [...sentValues] : (sentValues[0] ?? '');
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

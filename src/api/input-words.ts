import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** What is wrong with each part of an object that a program or a command gave, by the part's path, in words for people. */
export function wordsOf(error: z.ZodError, most = 20): Readonly<Record<string, string>> {
  const reasons = error.issues.flatMap((issue) => partsOf(issue));
  return Object.fromEntries(reasons.slice(0, most));
}

/** An object with parts that nobody knows has a reason for each of them. */
function partsOf(issue: Issue): ReadonlyArray<readonly [path: string, reason: string]> {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => [path === '' ? key : `${path}.${key}`, 'is not known here'] as const);
  return [[path === '' ? 'document' : path, reasonOf(issue)]];
}

function reasonOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'must be a number or a text';
    case 'too_small':
      return issue.origin === 'array' ? `needs at least ${issue.minimum}` : 'is empty';
    case 'too_big':
      return issue.origin === 'array'
        ? `has more than ${issue.maximum} entries`
        : `is longer than ${issue.maximum} characters`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

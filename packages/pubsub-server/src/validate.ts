import {
  PubSubError,
  type ErrorCode,
  type ErrorIssue,
  type StandardSchemaV1,
} from '@hipponot/pubsub-core';

/**
 * The schema's output for a value; the value itself where there is no schema. A promise only where the
 * schema answers with one.
 *
 * @param at where the value stands in what the caller sent: the start of every issue's path
 * @throws {PubSubError} with the path of the first issue, and all of them
 */
export function validate(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  at: readonly (string | number)[],
  code: ErrorCode = 'bad_payload',
): unknown {
  if (!schema) return value;
  const result = schema['~standard'].validate(value);
  return result instanceof Promise
    ? result.then((settled) => outputOf(settled, at, code))
    : outputOf(result, at, code);
}

function outputOf(
  result: StandardSchemaV1.Result<unknown>,
  at: readonly (string | number)[],
  code: ErrorCode,
): unknown {
  if (!result.issues) return result.value;
  const issues = result.issues.map((issue): ErrorIssue => ({
    message: issue.message,
    path: [...at, ...pathOf(issue)],
  }));
  const first = issues[0];
  const where = first?.path.join('.') ?? at.join('.');
  throw new PubSubError(code, `${where}: ${first?.message ?? 'it does not fit the schema'}`, {
    path: first?.path ?? at,
    issues,
  });
}

function pathOf(issue: StandardSchemaV1.Issue): (string | number)[] {
  return (issue.path ?? []).map((step) => {
    const key = typeof step === 'object' ? step.key : step;
    return typeof key === 'number' ? key : String(key);
  });
}

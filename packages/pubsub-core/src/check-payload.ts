import type { StandardSchemaV1 } from '@standard-schema/spec';
import { PubSubError, type ErrorIssue } from './pubsub-error.ts';

/** What is wrong with a payload: see `Contract.check`. */
export function checkPayload(
  schema: StandardSchemaV1 | undefined,
  name: string,
  payload: unknown,
): PubSubError | undefined {
  if (!schema) return undefined;
  let issues: ErrorIssue[];
  let cause: unknown;
  try {
    const result = schema['~standard'].validate(payload);
    if ('then' in result) {
      result.then(undefined, () => {});
      return undefined;
    }
    if (!result.issues) return undefined;
    issues = result.issues.map(({ message, path = [] }) => {
      const keys = path.map((key) => (typeof key === 'object' ? key.key : key));
      return {
        message,
        path: ['payload', ...keys.map((key) => (typeof key === 'number' ? key : String(key)))],
      };
    });
  } catch (thrown) {
    // A schema that throws must not end the stream that brought the payload.
    cause = thrown;
    issues = [{ message: String(thrown), path: ['payload'] }];
  }
  const path = issues[0]?.path;
  const message = `"${name}" does not fit its schema at ${path?.join('.')}: ${issues[0]?.message}`;
  return new PubSubError('bad_payload', message, { cause, path, issues });
}

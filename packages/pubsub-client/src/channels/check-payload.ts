import { PubSubError, type AnyContract, type ErrorIssue } from '@hipponot/pubsub-core';

/**
 * What is wrong with a payload, if the contract is there to tell. Asynchronous schemas run on the
 * server only: nothing here waits for one.
 */
export function checkPayload(
  contract: AnyContract | undefined,
  name: string,
  payload: unknown,
): PubSubError | undefined {
  const schema = contract?.event(name)?.payloadSchema;
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
      return { message, path: ['payload', ...keys.map((key) => (typeof key === 'number' ? key : String(key)))] };
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

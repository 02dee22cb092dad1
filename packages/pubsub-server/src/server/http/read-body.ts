import type { IncomingMessage, ServerResponse } from 'node:http';
import { PubSubError } from '@hipponot/pubsub-core';
import { errorAnswer } from './error-answer.ts';
import { jsonHeaders, type Exchange } from './exchange.ts';
import type { ServerContext } from '../server-context.ts';

/** A JSON object of unknown keys. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The request's body as a JSON object, bounded while it is read. `undefined`: it was over the limit, and
 * the answer has been given.
 *
 * @throws {PubSubError} `unsupported_media_type` or `bad_request`
 */
export async function readJsonObject(
  { request, response }: Exchange,
  context: ServerContext,
): Promise<JsonObject | undefined> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  // Form and text types are what a page of another origin could send without being asked.
  if (type !== 'application/json') {
    throw new PubSubError(
      'unsupported_media_type',
      `The body must be application/json, not ${type ? `"${type.slice(0, 80)}"` : 'without a type'}.`,
    );
  }
  // A body parser of the app (`express.json()`) may have consumed the request before us.
  const consumed = request.readableEnded;
  const parsed = consumed
    ? (request as { body?: unknown }).body
    : await readJson(request, context.limits.bodyBytes);
  if (parsed === tooLarge) {
    await refuseTooLarge(request, response, context);
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new PubSubError('bad_request', 'The body must be a JSON object.', { path: [] });
  }
  return parsed as JsonObject;
}

const tooLarge = Symbol('too large');

async function readJson(request: IncomingMessage, most: number): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > most) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const whole = await new Promise<boolean>((resolve, reject) => {
    const gone = (): void =>
      reject(new PubSubError('bad_request', 'The request ended before its body did.'));
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > most) {
        request.removeAllListeners('data').pause();
        resolve(false);
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () => resolve(true));
    request.once('error', gone);
    request.once('close', gone);
  });
  if (!whole) return tooLarge;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new PubSubError('bad_request', 'The body is not JSON.', { cause, path: [] });
  }
}

const lingerMs = 1000;

/**
 * Answers first and closes later: closing on a client that is still sending would reset the connection,
 * and it would never see the answer. What it goes on sending is thrown away, for a moment.
 */
async function refuseTooLarge(
  request: IncomingMessage,
  response: ServerResponse,
  { limits, logger }: ServerContext,
): Promise<void> {
  const error = new PubSubError(
    'body_too_large',
    `The request body is over the limit of ${limits.bodyBytes} bytes.`,
  );
  const { status, body } = errorAnswer(error, logger);
  const json = JSON.stringify(body);
  const close = request.httpVersionMajor < 2 ? { Connection: 'close' } : {};
  response.writeHead(status, {
    ...jsonHeaders,
    ...close,
    'Content-Length': Buffer.byteLength(json),
  });
  response.write(json);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, lingerMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.once('end', done);
    request.once('close', done);
    request.resume();
  });
  response.end();
}

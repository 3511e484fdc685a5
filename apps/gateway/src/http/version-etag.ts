import { createHash } from 'node:crypto';
import { invalidRequest } from './problems.js';

/**
 * `ETag` of a resource that counts its versions, where a hash of the body would not tell two of them apart. Where more
 * than the version goes into the answer, its `body` tells answers of one version apart; `If-Match` looks at the version alone.
 */
export const versionEtag = (version: number, body?: unknown): string =>
  body === undefined ? `"${version}"` : `"${version}.${digestOf(body)}"`;

const digestOf = (body: unknown): string =>
  createHash('sha1').update(JSON.stringify(body)).digest('base64url').slice(0, 12);

/**
 * The version an `If-Match` names; null where none was sent or any will do (`*`), -1 for what names none of ours,
 * which no resource is at.
 */
export const ifMatchVersion = (header: string | undefined): number | null => {
  const tag = header?.trim();
  if (tag === undefined || tag === '' || tag === '*') return null;
  const version = /^"(\d{1,15})(?:\.[\w-]+)?"$/.exec(tag)?.[1];
  return version === undefined ? -1 : Number(version);
};

/** The same where it has to be sent; throws `invalid_request` that names the header otherwise. [POL-5..7] */
export const requiredIfMatchVersion = (header: string | undefined): number | null => {
  if (header === undefined || header.trim() === '') {
    throw invalidRequest(
      '/If-Match',
      'required',
      'Send the ETag of what you have read in the header If-Match, so that no change is lost.',
    );
  }
  return ifMatchVersion(header);
};

/** `ETag` of a resource that counts its versions, where a hash of the body would not tell two of them apart. */
export const versionEtag = (version: number): string => `"${version}"`;

/**
 * The version an `If-Match` names; null where none was sent or any will do (`*`), -1 for what names none of ours,
 * which no resource is at.
 */
export const ifMatchVersion = (header: string | undefined): number | null => {
  const tag = header?.trim();
  if (tag === undefined || tag === '' || tag === '*') return null;
  const version = /^"(\d{1,15})"$/.exec(tag)?.[1];
  return version === undefined ? -1 : Number(version);
};
